import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { type SavedPosts, type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeFeed } from '../support/make.ts';

// What a feed's documents become, one after the other.

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
let feeds: SavingFeed[];
/** As the feed's row would say. */
let dividesGuids = false;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  feeds = [];
  dividesGuids = false;
  for (const number of [1, 2]) {
    const id = await makeFeed(`Feed ${number}`);
    feeds.push({ id, slug: `feed-${number}`, firstGoodAt: NOW, feedTags: [] });
  }
});

interface Item {
  guid?: string;
  link?: string;
  title: string;
  date?: string;
  text?: string;
}

const element = (name: string, text: string | undefined) =>
  text === undefined ? '' : `<${name}>${text}</${name}>`;

function rss(items: Item[]): string {
  const written = items.map(
    ({ guid, link, title, date, text }) =>
      `<item>${element('guid', guid)}${element('link', link)}${element('title', title)}
       ${element('pubDate', date)}${element('description', text ?? `The text of ${title}.`)}</item>`,
  );
  return `<rss version="2.0"><channel><title>Feed</title>${written.join('')}</channel></rss>`;
}

async function save(document: string, source = 0, isWhole = true): Promise<SavedPosts> {
  const feed = feeds[source];
  if (feed === undefined) throw new Error(`there is no feed number ${source}`);
  const read = await readFeed(new TextEncoder().encode(document), {
    url: 'https://blog.example/feed',
    now: NOW,
    dividesGuids,
  });
  if (read.kind !== 'read') throw new Error(read.message);
  const { deletedGuids } = read;
  return savePosts(feed, read.drafts, { now: NOW, isWhole, deletedGuids });
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await dbPool().query<T>(sql)).rows;
}

const titles = async () =>
  (await rows<{ title: string }>('SELECT title FROM posts ORDER BY id')).map((row) => row.title);

const day = (n: number) => `Fri, ${String(n).padStart(2, '0')} May 2026 10:00:00 GMT`;

const article = (n: number, over: Partial<Item> = {}): Item => ({
  guid: `https://blog.example/?p=${n}`,
  link: `https://blog.example/posts/${n}`,
  title: `Article ${n} of the engine room`,
  date: day(n),
  text: `What happened in the engine room on day ${n}, and what we made of it.`,
  ...over,
});

describe('items of one feed stay one post each', () => {
  test('when a server makes new guids each time, and then no row changes', async () => {
    const served = (salt: string) =>
      rss([1, 2, 3].map((n) => article(n, { guid: `${salt}-${n}` })));
    expect((await save(served('a'))).inserted).toHaveLength(3);
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    const state = 'SELECT id, xmin::text FROM posts ORDER BY id';
    const before = await rows(state);
    for (const salt of ['b', 'c', 'd']) {
      expect(await save(served(salt))).toMatchObject({ inserted: [], updated: [] });
    }
    expect(await rows(state)).toEqual(before);
    expect(await rows('SELECT FROM post_sources')).toHaveLength(3);
  });

  test('when the site moves from http to https, and to another host', async () => {
    const on = (host: string) =>
      rss(
        [1, 2, 3].map((n) => article(n, { guid: `${host}/?p=${n}`, link: `${host}/posts/${n}` })),
      );
    await save(on('http://blog.example'));
    expect((await save(on('https://blog.example'))).inserted).toEqual([]);
    const moved = await save(on('https://new.example'));
    expect(moved).toMatchObject({ inserted: [], updated: [1, 2, 3] });
    expect(await rows('SELECT url FROM posts ORDER BY id LIMIT 1')).toEqual([
      { url: 'https://new.example/posts/1' },
    ]);
  });

  test('when there are no guids, and a title is edited', async () => {
    const bare = (n: number, over: Partial<Item> = {}) => {
      const { guid: _, ...item } = article(n, over);
      return item;
    };
    await save(rss([bare(1), bare(2)]));
    await save(rss([bare(1, { title: 'Article 1, corrected' }), bare(2)]));
    expect(await titles()).toEqual(['Article 1, corrected', 'Article 2 of the engine room']);
    const { link: _, ...homeless } = bare(3);
    await save(rss([homeless]));
    await save(rss([{ ...homeless, text: `${homeless.text} And more.` }]));
    expect(await titles()).toHaveLength(3);
  });

  test('when guid, address and title stay, and the archive is dated anew', async () => {
    await save(rss([article(1), article(2)]));
    const before = await rows('SELECT id, sort_at FROM posts ORDER BY id');
    const again = await save(rss([article(1, { date: day(30) }), article(2, { date: day(30) })]));
    expect(again).toMatchObject({ inserted: [], updated: [1, 2] });
    expect(await rows('SELECT id, sort_at FROM posts ORDER BY id')).toEqual(before);
  });

  test('and a new item is a new post, although the oldest has just left the document', async () => {
    await save(rss([article(1), article(2)]));
    expect((await save(rss([article(2), article(3)]))).inserted).toEqual([3]);
  });

  test('and what a push does not hold has not left the document', async () => {
    await save(rss([article(1, { guid: 'a' })]));
    const retitled = article(1, { guid: 'b', title: 'Article 1, the sequel' });
    expect((await save(rss([retitled]), 0, false)).inserted).toEqual([2]);
  });
});

describe('items that share a guid', () => {
  const same = (n: number) => article(n, { guid: 'https://blog.example/' });

  test('are as many posts as they have addresses', async () => {
    expect((await save(rss([same(2), same(1)]))).inserted).toHaveLength(2);
    expect((await save(rss([same(3), same(2), same(1)]))).inserted).toHaveLength(1);
    expect(await rows('SELECT FROM post_sources')).toHaveLength(3);
  });

  test('or titles, where they have no address', async () => {
    const { link: _, ...one } = same(1);
    const { link: __, ...two } = same(2);
    expect((await save(rss([one, two]))).inserted).toHaveLength(2);
  });

  test('are one post when they differ only in how a reader would come', async () => {
    const tracked = { ...same(1), link: 'https://blog.example/posts/1?utm_source=a' };
    expect((await save(rss([same(1), tracked]))).inserted).toHaveLength(1);
  });
});

describe('items without guids that share address and title', () => {
  const texts = [
    'A heron by the water.',
    'Some old pump, repaired at last.',
    'Ducks cross our busy road.',
    'Nothing but fog this morning, says Ada.',
  ];
  const picture = (n: number, over: Partial<Item> = {}): Item => ({
    title: 'Same',
    link: 'https://pond.example/potd',
    text: texts[n],
    ...over,
  });
  const bodies = async () =>
    (await rows<{ text: string }>('SELECT body_text AS text FROM posts ORDER BY id')).map(
      ({ text }) => text,
    );

  test.each([
    ['dated', (n: number) => picture(n, { date: day(n + 1) })],
    ['undated', (n: number) => picture(n)],
    ['dated all alike', (n: number) => picture(n, { date: day(1) })],
  ])('are posts of their own, and stay so from poll to poll: %s', async (name, of) => {
    expect((await save(rss([of(1), of(0)]))).updated).toEqual([]);
    const expected = name === 'dated all alike' ? 1 : 2;
    expect(await bodies()).toHaveLength(expected);
    expect(await rows('SELECT FROM post_sources')).toHaveLength(2);
    expect(await save(rss([of(1), of(0)]))).toMatchObject({ inserted: [], unchanged: 2 });
    if (expected === 1) return;
    dividesGuids = true;
    expect((await save(rss([of(2), of(1)]))).inserted).toHaveLength(1);
    expect((await save(rss([of(3)]))).inserted).toHaveLength(1);
    expect((await bodies()).sort()).toEqual([...texts].sort());
  });

  test('are told from the one that was there alone before', async () => {
    await save(rss([picture(0)]));
    expect((await save(rss([picture(1), picture(0)]))).inserted).toEqual([2]);
    expect(await bodies()).toEqual([texts[0], texts[1]]);
  });

  test('are one while one alone is edited', async () => {
    await save(rss([picture(0)]));
    expect(await save(rss([picture(1)]))).toMatchObject({ inserted: [], updated: [1] });
  });
});

describe('a story that is told at two addresses', () => {
  const words = Array.from({ length: 90 }, (_, i) => `word${(i * 37) % 83}`).join(' ');
  const here = article(1, { text: words });
  const there = article(1, {
    guid: 'elsewhere',
    link: 'https://community.example/cross-posts/77',
    text: `Originally published on our blog. ${words}`,
  });

  test('is one post with two sources', async () => {
    await save(rss([here]));
    expect(await save(rss([there]), 1)).toMatchObject({ inserted: [], updated: [1] });
    expect(await rows('SELECT feed_id FROM post_sources ORDER BY 1')).toEqual([
      { feed_id: 1 },
      { feed_id: 2 },
    ]);
    expect((await save(rss([there]), 1)).unchanged).toBe(1);
  });

  test('is two posts when one feed tells it twice: it means to', async () => {
    await save(rss([here]));
    expect((await save(rss([here, there]))).inserted).toEqual([2]);
  });

  test('is two posts when the titles name different things', async () => {
    await save(rss([{ ...here, title: 'Small instances are now available in Milan' }]));
    const other = { ...there, title: 'Small instances are now available in Zurich' };
    expect((await save(rss([other]), 1)).inserted).toEqual([2]);
  });
});

describe('states of a post', () => {
  const versions = () =>
    rows<{ version: number; title: string; body_text: string }>(
      'SELECT version, title, body_text FROM post_versions ORDER BY version',
    );

  test('are kept when title or text change, and only then', async () => {
    await save(rss([article(1, { text: 'First words.' })]));
    await save(rss([article(1, { text: 'First words, mended.' })]));
    await save(rss([article(1, { text: 'First words, mended.', date: day(2) })]));
    await save(rss([article(1, { text: 'First words, mended.', title: 'Another title' })]));
    expect(await versions()).toEqual([
      { version: 1, title: article(1).title, body_text: 'First words.' },
      { version: 2, title: article(1).title, body_text: 'First words, mended.' },
    ]);
    expect(await rows('SELECT version, former_title FROM posts')).toEqual([
      { version: 3, former_title: article(1).title },
    ]);
  });

  test('that are many are kept from both ends', async () => {
    for (let n = 1; n <= 30; n++) await save(rss([article(1, { text: `Text number ${n}.` })]));
    const kept = await versions();
    expect(kept.map(({ version }) => version)).toEqual([1, ...range(11, 29)]);
    expect(kept[0]?.body_text).toBe('Text number 1.');
  });
});

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('an item that its publisher deletes', () => {
  const atom = (entries: number[], deleted: number[]) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
     <title>Feed</title>
     ${deleted.map((n) => `<at:deleted-entry ref="urn:x:${n}" when="2026-05-30T00:00:00Z"><at:comment>Gone</at:comment></at:deleted-entry>`).join('')}
     ${entries
       .map(
         (n) => `<entry><id>urn:x:${n}</id><title>Entry ${n}</title>
         <link href="https://blog.example/${n}"/><updated>2026-05-0${n}T00:00:00Z</updated>
         <content>Text ${n}</content></entry>`,
       )
       .join('')}</feed>`;
  const shown = () => rows('SELECT id FROM posts WHERE withdrawn_at IS NULL ORDER BY id');

  test('is withdrawn, once, and comes back with its item', async () => {
    await save(atom([1, 2], []));
    expect((await save(atom([2], [1]))).withdrawn).toEqual([1]);
    expect(await shown()).toEqual([{ id: 2 }]);
    const events = 'SELECT count(*)::int AS n FROM cache_events';
    const before = await rows(events);
    expect((await save(atom([2], [1]))).withdrawn).toEqual([]);
    expect(await rows(events)).toEqual(before);
    await save(atom([1, 2], []));
    expect(await shown()).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('does not come back when the operator had withdrawn it', async () => {
    await save(atom([1], []));
    await dbPool().query(`UPDATE posts SET withdrawn_at = now(), withdrawn_by = 'operator'`);
    await save(atom([], [1]));
    await save(atom([1], []));
    expect(await shown()).toEqual([]);
  });

  test('stays when the document has it as well, or never had it', async () => {
    await save(atom([1], [1, 7]));
    expect(await shown()).toEqual([{ id: 1 }]);
  });

  test('stays a post of the source that brought it first', async () => {
    await save(atom([1], []), 0);
    await save(atom([1], []), 1);
    const saved = await save(atom([], [1]), 1);
    expect(saved).toMatchObject({ withdrawn: [], updated: [1] });
    expect(await rows('SELECT feed_id FROM post_sources')).toEqual([{ feed_id: 1 }]);
  });
});
