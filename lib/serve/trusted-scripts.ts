/**
 * Inline scripts that pages may carry beside Next's data: by whole text or by hash. React's own
 * streaming runtime is here as it stands in the version that package.json pins; test/site fails
 * when a page carries a script that is not vouched for.
 */
export const TRUSTED_SCRIPTS: ReadonlySet<string> = new Set<string>([]);
