import { parseAtomFeed, parseJsonFeed, parseRssFeed } from 'feedsmith';
import { beforeAll, describe, expect, test } from 'vitest';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { withdrawPost } from '../../lib/store/withdrawals.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { HUB, openSite } from '../support/open-site.ts';
import { expectValidFeed } from '../support/served-feed.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
const POSTS = 230;
let site: Site;

const feed = () => ({ id: 1, slug: 'a-feed', firstGoodAt: new Date(0), feedTags: [] });
const draft = (i: number) =>
  makeDraft({
    title: `Post ${i}`,
    tags: [{ slug: 'numa', name: 'NUMA' }],
    authors: [{ name: 'Ada' }],
    publishedAt: new Date(Date.UTC(2020, (i * 5) % 12, 1 + (i % 28))),
  });

beforeAll(async () => {
  await makeFeed();
  const drafts = Array.from({ length: POSTS }, (_, i) => draft(i));
  await savePosts(feed(), drafts, { now: new Date('2026-01-01T00:00:00Z') });
  site = await openSite();
});

interface Document {
  ids: string[];
  older: string | undefined;
  isArchive: boolean;
  text: string;
}

const linkOf = (links: { rel?: string; href?: string }[] | undefined, rel: string) =>
  links?.find((link) => link.rel === rel)?.href;

const READ: Record<string, (text: string) => Document> = {
  xml: (text) => {
    const { items = [], atom } = parseRssFeed(text);
    const ids = items.map((item) => item.guid?.value ?? '');
    const older = linkOf(atom?.links, 'prev-archive');
    return { ids, older, isArchive: text.includes('<fh:archive'), text };
  },
  atom: (text) => {
    const { entries = [], links } = parseAtomFeed(text);
    const ids = entries.map((entry) => entry.id ?? '');
    const older = linkOf(links, 'prev-archive');
    return { ids, older, isArchive: text.includes('<fh:archive'), text };
  },
  json: (text) => {
    const { items = [], next_url: older, feed_url: self } = parseJsonFeed(text);
    const isArchive = self?.includes('/archive/') ?? false;
    return { ids: items.map((item) => item.id ?? ''), older, isArchive, text };
  },
};

/** All documents of a list, as a new reader follows them. */
async function readWhole(path: string, format: string): Promise<Document[]> {
  const documents: Document[] = [];
  for (let url: string | undefined = `${site.url}${path}/feed.${format}`; url !== undefined; ) {
    const answer: Response = await fetch(url);
    expect([url, answer.status]).toEqual([url, 200]);
    const text = await answer.text();
    expectValidFeed(text, url);
    const document: Document | undefined = READ[format]?.(text);
    if (document === undefined) throw new Error(`no reader of ${format}`);
    documents.push(document);
    url = document.older;
  }
  return documents;
}

describe.each(['', '/tag/numa', '/source/a-feed', '/author/ada'])('the feeds of "%s"', (path) => {
  test.each(['xml', 'atom', 'json'])('lead a new reader of %s to every post', async (format) => {
    const [current, ...archive] = await readWhole(path, format);
    const ids = new Set(archive.flatMap((document) => document.ids));
    expect(ids.size).toBe(POSTS);
    expect(current?.ids.every((id) => ids.has(id))).toBe(true);
    expect(current?.isArchive).toBe(false);
    expect(current?.text).toContain(HUB);
    for (const document of archive) {
      expect(document.isArchive).toBe(true);
      expect(document.text).not.toContain(HUB);
    }
  });
});

test('a document of an archive is kept, has validators, and names its hub nowhere', async () => {
  const [current] = await readWhole('/tag/numa', 'atom');
  const path = new URL(current?.older ?? '').pathname;
  await expect.poll(async () => (await site.get(path)).headers.get('x-tagwire-cache')).toBe('HIT');
  const answer = await site.get(path);
  expect(answer.headers.get('link')).toBeNull();
  const etag = answer.headers.get('etag') ?? '';
  expect((await site.get(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
});

test('a post that is withdrawn leaves the archive at once, for those who ask by date as well', async () => {
  const documents = await readWhole('/tag/numa', 'atom');
  const oldest = new URL(documents.at(-2)?.older ?? '').pathname;
  const before = await site.get(oldest);
  const date = before.headers.get('last-modified') ?? '';
  const id = Number(documents.at(-1)?.ids[0]?.split('/').at(-1));
  expect(await withdrawPost(id)).toBe(true);
  const read = async () => {
    const answer = await site.get(oldest, { headers: { 'if-modified-since': date } });
    return answer.status === 200 ? READ.atom?.(await answer.text()) : undefined;
  };
  const gone = `${site.url}/post/${id}`;
  await expect.poll(async () => (await read())?.ids.includes(gone), { timeout: 5000 }).toBe(false);
  expect((await read())?.text).toContain(`<at:deleted-entry`);
});

test('addresses that no feed names are none, and those of a merged tag lead on', async () => {
  for (const part of ['9-1', '0-', '007-9', '2000000-2000001']) {
    expect((await site.get(`/tag/numa/archive/${part}/feed.xml`)).status).toBe(404);
  }
  expect((await site.get('/tag/nothing/archive/0-99/feed.xml')).status).toBe(404);
  await dbPool().query(
    `INSERT INTO tag_aliases (slug, tag_id) SELECT 'numas', id FROM tags WHERE slug = 'numa'`,
  );
  await transaction((tx) => writeCacheEvents(tx, ['tag:numas']));
  const moved = await site.get('/tag/numas/archive/0-99/feed.json');
  expect(moved.status).toBe(308);
  expect(moved.headers.get('location')).toBe(`${site.url}/tag/numa/feed.json`);
});
