import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { sanitiseMarked, withoutMarks } from '../../lib/ingest/sanitise.ts';
import { setBody } from '../../lib/ingest/set-body.ts';
import { SETTING_VERSION } from '../../lib/model/setting-version.ts';
import { findBarriers } from '../support/axe.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { type Site, startSite } from '../support/site.ts';
import { useWindows } from '../support/windows.ts';

// Bodies as a browser shows them: those of test/fixtures/bodies, one post each.

useDatabase();
const FOLDER = path.resolve('test/fixtures/bodies');
const NAMES = fs
  .readdirSync(FOLDER)
  .flatMap((file) => (file.endsWith('.in.html') ? [file.replace('.in.html', '')] : []));
const paths = new Map<string, string>();
const openWindow = useWindows();
let site: Site;

beforeAll(async () => {
  const feedId = await makeFeed('Kernel');
  for (const name of NAMES) {
    const url = `https://blog.example/${name}`;
    const marked = sanitiseMarked(
      fs.readFileSync(path.join(FOLDER, `${name}.in.html`), 'utf8'),
      url,
    );
    const html = withoutMarks(marked);
    const id = await makePost({ feedId, title: name, url, html });
    await dbPool().query('UPDATE posts SET shown_html = $2, shown_version = $3 WHERE id = $1', [
      id,
      setBody(marked, html, url),
      SETTING_VERSION,
    ]);
    paths.set(name, `/post/${id}/${name}`);
  }
  site = await startSite({ MEILI_URL: '', PICTURES: 'off' });
});
afterAll(async () => {
  await site?.stop();
});

const newPage = () => openWindow({ viewport: { width: 320, height: 800 } });
const addressOf = (name: string) => site.url + (paths.get(name) ?? '');

async function open(name: string): Promise<Page> {
  const page = await newPage();
  await page.goto(addressOf(name));
  return page;
}

test('no body is wider than a small telephone, and axe finds nothing in any', async () => {
  const found: [string, unknown][] = [];
  const page = await newPage();
  for (const name of NAMES) {
    await page.goto(addressOf(name));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const barriers = await findBarriers(page, { within: '.body' });
    if (overflow > 0 || barriers.length > 0) found.push([name, { overflow, barriers }]);
  }
  expect(found).toEqual([]);
});

test('the name of a language is seen and read out, and not copied', async () => {
  const page = await open('code-of-pygments');
  const code = page.getByRole('group', { name: 'Python code' });
  const seen = await code.evaluate((pre) => getComputedStyle(pre, '::before').content);
  expect(seen).toBe('"Python" / ""');
  const copied = await code.evaluate((pre) => {
    getSelection()?.selectAllChildren(pre);
    return getSelection()?.toString();
  });
  expect(copied?.trim()).toBe('import os\nprint("a")');
});

test('a formula is drawn, and one that is too wide is scrolled by keyboard', async () => {
  const page = await open('wide-things');
  const fraction = await page.evaluate(() => {
    const sup = document.querySelector('math msup');
    const [base, above] = [...(sup?.children ?? [])].map((each) => each.getBoundingClientRect());
    return { isRaised: (above?.bottom ?? 0) < (base?.bottom ?? 0), space: sup?.namespaceURI };
  });
  expect(fraction).toEqual({ isRaised: true, space: 'http://www.w3.org/1998/Math/MathML' });
  for (const formula of await page.getByRole('group', { name: 'Formula' }).all()) {
    await formula.focus();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => formula.evaluate((box) => box.scrollLeft), { timeout: 5000 })
      .toBeGreaterThan(0);
  }
});

test('a link around code has that for its name, and nothing else to press in it', async () => {
  const page = await open('code-in-links');
  const link = page.locator('.body a', { has: page.locator('pre') });
  expect(await link.count()).toBe(1);
  expect(await link.locator('[tabindex], summary').count()).toBe(0);
  expect(await page.locator('.body a:empty, .body p:empty').count()).toBe(0);
});

test('a body that is mostly right-to-left is so, but for its code and its English', async () => {
  const page = await open('right-to-left');
  const directions = await page.evaluate(() =>
    ['.body', '.body blockquote', '.body pre', '.body math', '.body p:nth-of-type(3)'].map(
      (selector) => getComputedStyle(document.querySelector(selector) ?? document.body).direction,
    ),
  );
  expect(directions).toEqual(['rtl', 'rtl', 'ltr', 'ltr', 'ltr']);
});
