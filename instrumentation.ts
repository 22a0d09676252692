/** Next calls this once in each server process, before it answers; not during a build. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startSite } = await import('./lib/serve/start-site.ts');
  startSite();
}
