import { parseAtomFeed } from 'feedsmith';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';
import { useWindows } from '../support/windows.ts';

useDatabase();
const POSTS = [
  { title: 'NUMA for the rest of us', byline: 'Ada Sample' },
  { title: `A title without end: ${'a-word-that-cannot-be-broken'.repeat(8)}`, byline: '' },
  { title: 'Tom & Jerry <b>not bold</b> ]]> 🙂', byline: 'Bob Sample and Cleo Sample' },
];
const openWindow = useWindows();
let site: Site;

beforeAll(async () => {
  const feedId = await makeFeed('Kernel & Friends');
  for (const [day, post] of POSTS.entries()) {
    const sortAt = new Date(Date.UTC(2026, 4, 10 - day));
    const url = `https://kernel.example/${day}`;
    await makePost({ feedId, ...post, url, tags: ['NUMA', 'C++'], sortAt });
  }
  site = await startSite();
});
afterAll(async () => {
  await site.stop();
});

/** Opens an address as a person does, and says what went wrong on the way. */
async function open(path: string, options: BrowserContextOptions = {}) {
  const page = await openWindow(options);
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'info') faults.push(message.text());
  });
  page.on('requestfailed', (request) => faults.push(request.url()));
  await page.goto(site.url + path);
  return { page, faults };
}

/** Whether an element that says exactly this can be seen; Playwright overlooks CDATA sections. */
const isShown = (page: Page, words: string) =>
  page.evaluate(
    (sought) =>
      [...document.querySelectorAll('*')].some(
        (element) => element.textContent.trim() === sought && element.checkVisibility(),
      ),
    words,
  );

/** Feeds, and the pages that show the same posts. */
const FEEDS = [
  ['/tag/numa/feed.xml', '/tag/numa'],
  ['/tag/numa/feed.atom', '/tag/numa'],
  ['/feed.xml', '/'],
] as const;

describe.each(FEEDS)('%s in a browser', (path, list) => {
  test('says what it is and how to follow it, with links that work and its posts', async () => {
    const { page, faults } = await open(path);
    expect(await page.locator('h1').textContent()).toContain('Tagwire');
    expect(await page.locator('header code').textContent()).toBe(site.url + path);
    expect(await page.locator('header').innerText()).toContain('This is a feed');
    for (const { title, byline } of POSTS) {
      for (const words of [title, byline, 'Kernel & Friends']) {
        if (words === '') continue;
        expect([words, await isShown(page, words)]).toEqual([words, true]);
      }
    }
    // Bodies are for readers.
    expect(await isShown(page, '<p>The text of NUMA for the rest of us.</p>')).toBe(false);
    await page.getByRole('link', { name: 'read the same posts as a page' }).click();
    await page.waitForURL(site.url + list);
    expect(faults).toEqual([]);
  });

  test.each([390, 1280])('fits a screen of %i px, in both themes', async (width) => {
    const { page, faults } = await open(path, {
      viewport: { width, height: 900 },
      isMobile: width < 600,
    });
    const papers = new Set<string>();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const [ink, paper = ''] = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        return [style.color, style.backgroundColor];
      });
      expect(ink).not.toBe(paper);
      papers.add(paper);
    }
    expect(papers.size).toBe(2);
    expect(faults).toEqual([]);
  });
});

test('a part of an archive says that it is none to subscribe to, and names the feed', async () => {
  const current = await (await site.get('/tag/numa/feed.atom')).text();
  const { href = '' } =
    parseAtomFeed(current).links?.find(({ rel }) => rel === 'prev-archive') ?? {};
  const { page } = await open(new URL(href).pathname);
  expect(await page.locator('header').innerText()).toContain('an older part of a feed');
  expect(await page.locator('header code').textContent()).toBe(`${site.url}/tag/numa/feed.atom`);
});
