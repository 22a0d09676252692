import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { findBarriers } from '../support/axe.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';
import { useWindows } from '../support/windows.ts';

// What public/keys.js, times.js and search.js add to pages that are complete without them.

useDatabase();
const openWindow = useWindows();
let site: Site;

beforeAll(async () => {
  const feedId = await makeFeed('Kernel');
  for (const hour of [14, 13, 12]) {
    const sortAt = new Date(Date.UTC(2026, 4, 10, hour));
    await makePost({
      feedId,
      title: `Post of ${hour}`,
      url: `https://kernel.example/${hour}`,
      tags: ['NUMA'],
      sortAt,
    });
  }
  await dbPool().query(
    `INSERT INTO tag_aliases (slug, name, tag_id) SELECT 'old-numa', 'Old NUMA', id FROM tags WHERE slug = 'numa'`,
  );
  // Postgres answers searches: nothing of this is in the index that the run shares.
  await dbPool().query('UPDATE posts SET words = post_words(posts)');
  site = await startSite({ MEILI_URL: '' });
});
afterAll(async () => {
  await site?.stop();
});

async function open(path: string, options: BrowserContextOptions = {}) {
  const page = await openWindow(options);
  await page.goto(site.url + path);
  const press = (key: string) => page.keyboard.press(key);
  const inFocus = () => page.evaluate(() => document.activeElement?.textContent);
  return { page, press, inFocus };
}

test('j and k go through the posts of each density, and stop at its ends', async () => {
  for (const view of ['full', 'excerpts', 'headlines']) {
    const { press, inFocus } = await open(`/tag/numa?view=${view}`);
    const met: unknown[] = [];
    for (const key of ['j', 'j', 'j', 'j', 'k']) {
      await press(key);
      met.push(await inFocus());
    }
    const titles = ['Post of 14', 'Post of 13', 'Post of 12', 'Post of 12', 'Post of 13'];
    expect([view, ...met]).toEqual([view, ...titles]);
  }
});

test('o opens the original of the post in focus, and h the newest posts', async () => {
  const { page, press } = await open('/tag/numa');
  await page.route('https://kernel.example/**', (route) => route.fulfill({ body: 'original' }));
  await press('j');
  await press('j');
  await press('o');
  await page.waitForURL('https://kernel.example/13');
  await page.goBack();
  await press('h');
  await page.waitForURL(`${site.url}/`);
});

test('/ goes to the search field, where keys are letters again', async () => {
  for (const width of [390, 1280]) {
    const { page, press } = await open('/search', { viewport: { width, height: 900 } });
    await press('/');
    await page.keyboard.type('j?o/');
    const field = page.locator('main input[name=q]');
    expect(await field.inputValue()).toBe('j?o/');
    expect(await page.locator('dialog').count()).toBe(0);
  }
});

test('keys with modifiers stay the browser’s', async () => {
  const { press, inFocus } = await open('/tag/numa');
  for (const key of ['Control+j', 'Alt+j', 'Meta+j']) await press(key);
  expect(await inFocus()).not.toBe('Post of 14');
});

test('? lists the keys without a barrier, and the switch in it holds on the next page', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, press, inFocus } = await open('/tag/numa', { colorScheme });
    await press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    expect(await dialog.isVisible()).toBe(true);
    expect(await findBarriers(page, { within: 'dialog[open]' })).toEqual([]);
    await page.getByRole('checkbox', { name: 'Single keys do this' }).uncheck();
    await press('Escape');
    expect(await dialog.isVisible()).toBe(false);
    await page.reload();
    await press('j');
    expect(await inFocus()).not.toBe('Post of 14');
    await page.getByRole('button', { name: 'Keys' }).click();
    await page.getByRole('checkbox', { name: 'Single keys do this' }).check();
    await page.getByRole('button', { name: 'Close' }).click();
    await press('j');
    expect(await inFocus()).toMatch(/^Post of/u); // The first that is in view.
  }
});

test('the skip link leads past the rail to the posts', async () => {
  const { page, press, inFocus } = await open('/tag/numa');
  await press('Tab');
  expect(await page.locator(':focus').textContent()).toBe('To the posts');
  await press('Enter');
  await press('Tab');
  expect(await inFocus()).toBe('Post of 14');
});

test('a search answers as one types on its first page too, where nothing is found yet', async () => {
  const { page } = await open('/search');
  await page.locator('main input[name=q]').pressSequentially('post of 13');
  await page.waitForURL(/q=post\+of\+13/u);
  await page.locator('#results article').first().waitFor();
  expect(await page.locator('main input:focus').inputValue()).toBe('post of 13');
});

test('a date tells its moment on the reader’s own clock, and how long ago it was', async () => {
  const { page } = await open('/search', { timezoneId: 'Asia/Tokyo' });
  await page.clock.setFixedTime(new Date('2026-05-10T17:20:00Z'));
  await page.goto(`${site.url}/tag/numa`);
  const first = page.locator('.post time').first();
  expect(await first.textContent()).toBe('10 May 2026, 14:00 UTC');
  expect(await first.getAttribute('title')).toBe('10 May 2026, 23:00 GMT+9, 3 hours ago');
  await page.clock.setFixedTime(new Date('2026-05-12T17:20:00Z'));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  expect(await first.getAttribute('title')).toBe('10 May 2026, 23:00 GMT+9');
});

test('without scripts, nothing is offered that needs them', async () => {
  const { page } = await open('/tag/numa', { javaScriptEnabled: false });
  const offered = page.locator('button[name=keys], button[name^=mute], a[href="/mute"]');
  expect(await offered.count()).toBeGreaterThan(3);
  expect(await offered.filter({ visible: true }).count()).toBe(0);
  expect(await page.locator('.post time').first().getAttribute('title')).toContain('10 May 2026');
});

test('a search answers while its words are typed, and keeps field, caret and address', async () => {
  const { page } = await open('/search?q=nothing-like-it');
  const field = page.locator('header input[name=q]');
  await field.fill('Post');
  await page.locator('#results article.post').first().waitFor();
  expect(await page.locator('#results article.post').count()).toBe(3);
  await field.press('End');
  await field.pressSequentially(' of 13');
  await page.getByRole('heading', { name: 'Post of 13', level: 2 }).waitFor();
  await page.waitForURL(/q=Post\+of\+13/u);
  expect(await field.inputValue()).toBe('Post of 13');
  expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
  expect(await page.locator('p[role=status].vh').textContent()).toContain('Post of 13');
});

test('a search in a narrow window renews heading, notes, rail and results around its field', async () => {
  const { page } = await open('/search?q=nothing-like-it', {
    viewport: { width: 390, height: 900 },
  });
  const failures: Error[] = [];
  page.on('pageerror', (error) => failures.push(error));
  await page.locator('details.rail summary').click();
  const field = page.locator('#words');
  await field.fill('Post');
  await page.locator('#results article.post').first().waitFor();
  await field.pressSequentially(' (13');
  await page.getByText('the words are looked for as they stand').waitFor();
  expect(await page.locator('h1').textContent()).toContain('1 post with');
  expect(await page.locator('aside a[href*="Post+%2813"]').count()).toBeGreaterThan(0);
  expect(await page.locator('details.rail').getAttribute('open')).toBe('');
  expect(await page.locator('h1, main form.find, aside, #results').count()).toBe(4);
  expect(await field.inputValue()).toBe('Post (13');
  expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
  await page.route('**/search?*', (route) => route.abort());
  const lost = page.waitForEvent('requestfailed');
  await field.pressSequentially(' ');
  await field.press('x');
  await lost;
  await page.unroute('**/search?*');
  await field.press('y');
  await page.waitForURL(/xy$/u);
  expect(failures).toEqual([]);
});

test('what is muted leaves lists, can be seen, and goes to another browser as an address', async () => {
  const { page } = await open('/?view=full');
  const shown = () => page.locator('main .post:visible').count();
  const all = await shown();
  await page.getByRole('button', { name: 'Mute posts like Post of 13' }).click();
  await page.getByLabel('Posts with the words').fill('póst OF 13');
  await page.getByRole('button', { name: 'Done' }).click();
  expect(await shown()).toBe(all - 1);
  await page.reload();
  expect(await shown()).toBe(all - 1);
  await page.locator('.muted-note button').click();
  expect(await shown()).toBe(all);
  await page.goto(`${site.url}/mute`);
  const address = await page.locator('#mute-address').inputValue();
  const other = await open(address.slice(site.url.length));
  await other.page.getByRole('button', { name: 'Mute these too' }).click();
  expect(await other.page.locator('#mute-words li').allTextContents()).toEqual([
    'póst OF 13 Remove',
  ]);
  await other.page.getByRole('button', { name: 'Remove' }).click();
  await other.page.locator('#mute-nothing').waitFor();
});

test('a tag muted in its archive is gone from other lists, at once from one that is open', async () => {
  const { page } = await open('/tag/numa');
  const home = await page.context().newPage();
  await home.goto(site.url);
  const shown = () => home.locator('main [data-source]:visible').count();
  const all = await shown();
  await page.locator('details.rail').evaluate((rail) => rail.setAttribute('open', ''));
  await page.getByRole('button', { name: 'Mute this tag' }).click();
  expect(await page.locator('main [data-source]:visible').count()).toBeGreaterThan(0);
  await home.locator('.muted-note').waitFor();
  expect(await shown()).toBe(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await home.locator('.muted-note').waitFor({ state: 'detached' });
  expect(await shown()).toBe(all);
});

test('a muted tag that is merged with another stays muted under its new name', async () => {
  const { page } = await open('/mute');
  const asked = page.waitForResponse('**/tags/moved.json');
  await page.locator('#mute-file').setInputFiles({
    name: 'a.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"tags": ["old-numa", "constructor"]}'),
  });
  await page.locator('#mute-tags').getByText('old-numa').waitFor();
  await page.goto(site.url);
  await asked;
  await page.locator('.muted-note').waitFor();
  expect(await page.locator('main [data-source]:visible').count()).toBe(0);
  await page.goto(`${site.url}/mute`);
  expect(await page.locator('#mute-tags li').allTextContents()).toEqual([
    'numa Remove',
    'constructor Remove',
  ]);
});

test('a file mutes what it names, and one that is none is refused with words', async () => {
  const { page } = await open('/mute');
  const file = (text: string) => ({
    name: 'a.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });
  const said = page.locator('#mute-said');
  await page.locator('#mute-file').setInputFiles(file('{'));
  await said.filter({ hasText: 'a.json is no JSON' }).waitFor();
  await page.locator('#mute-file').setInputFiles(file('{"sources": ["kernel", "<b>x</b>"]}'));
  await said.filter({ hasText: '2 added from a.json' }).waitFor();
  expect(await page.locator('#mute-sources li b').count()).toBe(0);
  expect(await findBarriers(page)).toEqual([]);
  await page.goto(site.url);
  expect(await page.locator('main [data-source]:visible').count()).toBe(0);
  expect(await page.locator('.muted-note').textContent()).toContain('posts muted here');
});
