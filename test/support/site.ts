import { spawn } from 'node:child_process';
import { siteArguments } from '../../bin/site-process.ts';
import { childEnvironment, config, ROOT, type SettingName } from '../../lib/config.ts';
import { buildSite } from '../../lib/embedded/build-site.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { ended, keepOutput } from '../../lib/embedded/process.ts';
import { guard } from '../../lib/embedded/watchdog.ts';

const READY_MS_MAX = 60_000;
const POLL_MS = 50;

/** One process of the built site. */
export interface Site {
  url: string;
  get: (path: string, init?: RequestInit) => Promise<Response>;
  stop: () => Promise<void>;
}

/**
 * Starts the built site on a free port, on the database that DATABASE_URL names now; builds it
 * first when its sources have changed. Resolves when it answers.
 * @param nodeArguments of Node, before those that serve the site.
 */
export async function startSite(
  settings: Partial<Record<SettingName, string>> = {},
  nodeArguments: string[] = [],
): Promise<Site> {
  await buildSite();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [...nodeArguments, ...siteArguments(port)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment({
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      LOG_LEVEL: 'warn',
      SITE_URL: url,
      PORT: String(port),
      DATABASE_URL: config().databaseUrl ?? '',
      ...settings,
    }),
  });
  guard(child, 'TERM');
  const words = keepOutput(child);
  const over = ended(child);
  let how: string | undefined;
  void over.then((end) => {
    how = end;
  });
  // Not by Date, which a test may have stopped.
  const giveUpAt = performance.now() + READY_MS_MAX;
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) break;
    if (how !== undefined || performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`the site did not start (${how ?? 'too slow'}):\n${words()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return {
    url,
    get: (path, init) => fetch(url + path, { redirect: 'manual', ...init }),
    async stop() {
      child.kill('SIGTERM');
      await over;
    },
  };
}
