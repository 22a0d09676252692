import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach } from 'vitest';
import { launchBrowser } from './browser.ts';

let launched: Promise<Browser> | undefined;

/** The browser of this process, which files of tests use one after the other; it ends with it. */
export function openBrowser(): Promise<Browser> {
  launched ??= launchBrowser();
  return launched;
}

/** Leaves nothing of one test for the next: windows beside the first, what is kept, who listens. */
async function clean(context: BrowserContext): Promise<void> {
  const [first, ...others] = context.pages();
  await Promise.all(others.map((page) => page.close()));
  await context.unrouteAll({ behavior: 'ignoreErrors' });
  await context.clearCookies();
  if (first === undefined) return;
  for (const event of ['console', 'pageerror', 'requestfailed', 'request'] as const) {
    first.removeAllListeners(event);
  }
  await first.unrouteAll({ behavior: 'ignoreErrors' });
  // A page of no origin keeps nothing, and says so by an error.
  if (first.url().startsWith('http')) await first.evaluate(() => window.localStorage.clear());
}

/**
 * Windows for the tests of a file. A window, which costs a process, is used again by the next test
 * that wants one of the same kind; within a test each is another. A clock that a test has set stays,
 * so such a test asks for a kind of its own.
 * @returns opens a window, empty or with what the test before left on it.
 */
export function useWindows(): (options?: BrowserContextOptions) => Promise<Page> {
  const free = new Map<string, Page[]>();
  const taken: { kind: string; page: Page }[] = [];
  afterEach(async () => {
    for (const { kind, page } of taken.splice(0)) {
      if (page.isClosed()) {
        await page.context().close();
        continue;
      }
      await clean(page.context());
      free.set(kind, [...(free.get(kind) ?? []), page]);
    }
  });
  afterAll(async () => {
    for (const page of [...free.values()].flat()) await page.context().close();
    free.clear();
  });
  return async (options = {}) => {
    const kind = JSON.stringify(options);
    let page = free.get(kind)?.pop();
    if (page === undefined) {
      const context = await (await openBrowser()).newContext({
        reducedMotion: 'reduce',
        ...options,
      });
      page = await context.newPage();
    }
    taken.push({ kind, page });
    return page;
  };
}
