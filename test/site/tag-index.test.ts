import { beforeAll, expect, test } from 'vitest';
import { tagsTag } from '../../lib/cache-tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { readPage } from '../support/read-page.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
/** A page of links that a phone opens at once, before it is compressed. */
const PAGE_BYTES_MAX = 250_000;
let site: Site;

beforeAll(async () => {
  const id = await makePost({ feedId: await makeFeed(), title: 'All', tags: ['Largest'] });
  await makePost({ feedId: 1, title: 'Besides', tags: ['Largest'] });
  await dbPool().query(
    `WITH made AS (INSERT INTO tags (slug, name)
       SELECT chr(97 + n % 26) || '-' || n, upper(chr(97 + n % 26)) || ' name of a tag ' || n
       FROM generate_series(1, 2500) AS n RETURNING id)
     INSERT INTO post_tags (post_id, tag_id, sort_at) SELECT $1, id, '2026-06-01Z' FROM made`,
    [id],
  );
  site = await openSite();
});

const read = async (path: string) => readPage(await (await site.get(path)).text());
const tagLinks = (hrefs: string[]) => hrefs.filter((href) => href.startsWith('/tag/'));

test('all tags are found a page at a time, and no page is large', async () => {
  const seen = new Set<string>();
  let path: string | undefined = '/tags';
  while (path !== undefined) {
    const html = await (await site.get(path)).text();
    expect(Buffer.byteLength(html)).toBeLessThan(PAGE_BYTES_MAX);
    const { hrefs } = readPage(html);
    for (const href of tagLinks(hrefs)) seen.add(href);
    const next: number = Number(path.split('/')[3] ?? 1) + 1;
    path = hrefs.find((href: string) => href === `/tags/by-name/${next}`);
  }
  expect(seen.size).toBe(2501);
});

test('a letter leads to the page that it begins on', async () => {
  const { hrefs } = await read('/tags');
  const letter = hrefs.find((href) => href.endsWith('#tags-Q')) ?? '';
  const [path = ''] = letter.split('#');
  expect(path).toMatch(/^\/tags\/by-name\/\d+$/u);
  expect(await (await site.get(path)).text()).toContain('id="tags-Q"');
});

test('the orders are links, each marked where it is', async () => {
  const bySize = await read('/tags/by-size');
  expect(tagLinks(bySize.hrefs)[0]).toBe('/tag/largest');
  expect(bySize.text).toContain('2 to 9 postsLargest21 post');
  for (const path of ['/tags', '/tags/by-size', '/tags/new', '/tags/quiet']) {
    const html = await (await site.get(path)).text();
    expect(html).toContain(`href="${path}" aria-current="true"`);
    expect(readPage(html).hrefs).toEqual(expect.arrayContaining(['/tags', '/tags/quiet']));
  }
  expect((await read('/tags/quiet')).text).toContain(
    'None has: every tag with 5 posts or more had one',
  );
});

test('each page has one address, and there is none beyond the last', async () => {
  for (const [given, settled] of [
    ['/tags/by-name', '/tags'],
    ['/tags/by-name/1', '/tags'],
    ['/tags/by-size/1', '/tags/by-size'],
  ] as const) {
    const answer = await site.get(given);
    expect([given, answer.status]).toEqual([given, 308]);
    expect(new URL(answer.headers.get('location') ?? '', site.url).pathname).toBe(settled);
  }
  for (const path of ['/tags/by-name/99', '/tags/new/02', '/tags/new/0', '/tags/by-age']) {
    expect([path, (await site.get(path)).status]).toEqual([path, 404]);
  }
});

test('a new tag is in it at once', async () => {
  await makePost({ feedId: 1, title: 'New', tags: ['Just made'] });
  await transaction((tx) => writeCacheEvents(tx, [tagsTag()]));
  await expect.poll(async () => (await read('/tags/new')).hrefs).toContain('/tag/just-made');
});
