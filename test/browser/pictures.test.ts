import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { picturePath } from '../../lib/pictures/picture-address.ts';
import { useDatabase } from '../support/database.ts';
import { type LyingServer, send, startLyingServer } from '../support/lying-server.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';
import { openBrowser } from '../support/windows.ts';

// What a browser makes of pictures in bodies: nothing moves when they come, and drawings run nothing.

useDatabase();
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-pictures-browser-'));
let origin: LyingServer;
let site: Site;

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3a7' } })
    .jpeg()
    .toBuffer();

beforeAll(async () => {
  origin = await startLyingServer({
    '/wide.jpg': send(200, {}, await picture(1200, 300)),
    '/high.jpg': send(200, {}, await picture(200, 700)),
    '/half.jpg': send(200, {}, await picture(400, 200)),
    '/beacon.png': send(200, {}, await picture(9, 9)),
    '*': send(404),
  });
  const img = (place: string, more = '') => `<img src="${origin.url}${place}" alt="" ${more}/>`;
  await makePost({
    feedId: await makeFeed('Pictures'),
    title: 'Four pictures',
    html:
      `<p>Before.</p><p>${img('/wide.jpg')}</p><figure>${img('/high.jpg')}<figcaption>High</figcaption></figure>` +
      `<p>${img('/half.jpg', 'width="160" ')}</p><p>${img('/gone.jpg', 'width="160" ')}</p><p>After.</p>`,
  });
  site = await startSite({ FETCH_ALLOW: '127.0.0.0/8', TAGWIRE_DATA: dataDir });
});
afterAll(async () => {
  await site?.stop();
  await origin?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** Counts what moves on a page, as browsers score it (Layout Instability). */
const COUNT_SHIFTS = `globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) globalThis.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });`;

const settled = (page: Page) =>
  page.evaluate(() => Promise.all([...document.images].map((img) => img.decode().catch(() => {}))));

/** Opens the post with its pictures held back, then lets them come: what moved. */
async function watchPictures(width: number, { isFirst = false } = {}) {
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width, height: 3000 } });
  const page = await context.newPage();
  await page.addInitScript({ content: COUNT_SHIFTS });
  const held = Promise.withResolvers<void>();
  await page.route('**/img/**', async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.goto(`${site.url}/source/pictures`, { waitUntil: 'domcontentloaded' });
  await page.evaluate(() => document.fonts.ready);
  const topOfEnd = () =>
    page.getByText('After.').evaluate((end) => Math.round(end.getBoundingClientRect().top));
  const before = await topOfEnd();
  expect(await page.evaluate(() => [...document.images].some((img) => img.complete))).toBe(false);
  held.resolve();
  await settled(page);
  // By a script, which hears of the loss.
  if (isFirst) await page.locator('.no-picture').waitFor();
  const after = await topOfEnd();
  const score = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
  // As browsers report it: a hair's breadth of a letter counts as a ten-millionth.
  const shifts = Math.round(score * 1000) / 1000;
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLImageElement>('.body img')].map((img) => [
      img.clientWidth,
      img.clientHeight,
    ]),
  );
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const lost = await page.locator('.no-picture').allInnerTexts();
  await context.close();
  return { moved: after - before, shifts, boxes, overflow, lost };
}

describe('nothing moves when pictures come', () => {
  test('for the first reader, who gets a box for each, and words for one that does not come', async () => {
    const { boxes, ...rest } = await watchPictures(1280, { isFirst: true });
    const lost = ['This picture does not load.'];
    expect(rest).toEqual({ moved: 0, shifts: 0, overflow: 0, lost });
    for (const [width = 0, height = 0] of boxes) expect(width / height).toBeCloseTo(1.5, 1);
  });

  test.each([320, 1280])(
    'for later ones, whose boxes are the pictures’ own, at %i px',
    async (width) => {
      const page = async () => (await site.get('/source/pictures')).text();
      await expect.poll(page, { timeout: 5000 }).not.toContain('class="unsized"');
      const { boxes, ...rest } = await watchPictures(width);
      expect(rest).toMatchObject({ shifts: 0, overflow: 0 });
      const forms = boxes
        .slice(0, 3)
        .map(([wide = 0, high = 0]) => Math.round((100 * wide) / high));
      expect(forms).toEqual([400, 29, 200].map((form) => expect.closeTo(form, -0.5)));
      expect(boxes[2]).toEqual([160, 80]);
    },
  );
});

test('a drawing that is opened by itself runs nothing and asks nobody for anything', async () => {
  const place = '/drawing.svg';
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="document.documentElement.id = 'ran'">
    <script>document.documentElement.id = 'ran'</script>
    <image href="${origin.url}/beacon.png" width="9" height="9"/>
    <style>@import url('${origin.url}/beacon.png');</style></svg>`;
  const drawings = await startLyingServer({ [place]: send(200, {}, drawing) });
  const page = await (await openBrowser()).newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const inner = site.url + (picturePath(drawings.url + place) ?? '');
  await page.goto(inner, { waitUntil: 'load' });
  expect(await page.content()).toContain('<svg');
  expect(await page.evaluate(() => document.documentElement.id)).toBe('');
  // What the policy holds back is told of, but never sent.
  expect(origin.requests.map((request) => request.path)).not.toContain('/beacon.png');
  expect(asked).toContain(inner);
  await page.close();
  await drawings.stop();
});
