import { beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { getPost, listPosts } from '../../lib/queries/posts.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, setFeed } from '../../lib/store/feeds.ts';
import { releaseDrafts } from '../../lib/store/owner-wishes.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';

useDatabase();
const server = useFeedServer();
const HOUR_MS = 60 * 60_000;
let id = 0;

beforeEach(async () => {
  await dbPool().query('TRUNCATE feeds, tags, notices, cache_events RESTART IDENTITY CASCADE');
  const [added] = await addFeeds([{ url: server.at('/a') }]);
  id = added?.id ?? 0;
});

const token = (feedId = id) => makeToken('owner', { id: feedId, version: 1 });
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** Serves a feed with a line of its owner's, and polls it. */
async function poll(line: string | undefined, items: Parameters<typeof rss>[1]) {
  const comment = line === undefined ? '' : `<!-- tagwire:${line} -->`;
  return pollBody(rss('Pond News', items) + comment);
}

async function pollBody(body: string) {
  server.serve('/a', { body });
  const feed = await claimFeed(id);
  if (feed === undefined) throw new Error('the feed is claimed');
  return pollFeed(feed);
}

const shown = async () =>
  (await listPosts({ kind: 'latest' })).posts.map((post) => post.title).sort();

describe('a wish by the owner’s line', () => {
  test('holds from the poll that brings it, also when the line is taken out again', async () => {
    await poll(undefined, [{ title: 'One' }]);
    expect(await getPost(1)).toMatchObject({ display: 'full' });
    await poll(`${token()} display=excerpt`, [{ title: 'One' }, { title: 'Two' }]);
    expect(await getPost(1)).toMatchObject({ display: 'excerpt', bodyHtml: '' });
    await poll(undefined, [{ title: 'One' }, { title: 'Three' }]);
    expect(await getPost(1)).toMatchObject({ display: 'excerpt' });
    await poll(token(), [{ title: 'One' }, { title: 'Four' }]);
    expect(await getPost(1)).toMatchObject({ display: 'full' });
  });

  test('never shows more than the operator does', async () => {
    await poll(undefined, [{ title: 'One' }]);
    await setFeed(id, { display: 'link' });
    await poll(`${token()} display=excerpt`, [{ title: 'Two' }]);
    expect(await getPost(1)).toMatchObject({ display: 'link' });
  });

  test('is nobody’s when the token is another feed’s, or made up', async () => {
    for (const other of [token(id + 1), `${id}.owner.1.AAAAAAAAAAAAAAAAAAAAAA`, `${id}.feed.1.x`]) {
      await poll(`${other} remove`, [{ title: 'One' }, { title: other.slice(0, 9) }]);
    }
    expect((await shown()).length).toBeGreaterThan(1);
  });

  test('takes single posts back, which are in the feed or have left it', async () => {
    const items = [1, 2, 3].map((n) => ({ title: `${n}`, link: `https://example.org/${n}` }));
    await poll(undefined, items);
    const line = `${token()} withdraw=https://example.org/1 withdraw=http://example.org/2/?utm_x=1`;
    await poll(line, items.slice(1));
    expect(await shown()).toEqual(['3']);
    await poll(
      line,
      items.slice(1).map((item) => ({ ...item, text: 'Edited.' })),
    );
    expect(await shown()).toEqual(['3']);
    await poll(token(), items);
    expect(await shown()).toEqual(['1', '2', '3']);
  });

  test('takes the source out with its posts, and nobody brings it back unasked', async () => {
    await poll(undefined, [{ title: 'One' }, { title: 'Two' }]);
    expect(await poll(`${token()} remove`, [{ title: 'Three' }])).toMatchObject({
      outcome: 'gone',
      inserted: 0,
    });
    expect(await shown()).toEqual([]);
    expect(await listNotices()).toMatchObject([{ kind: 'removed', data: { title: 'Pond News' } }]);
    expect(await setFeed(id, { status: 'active' })).toBe(false);
    expect((await addFeeds([{ url: server.at('/a') }]))[0]).toMatchObject({ isNew: false });
    expect(await setFeed(id, { status: 'active', ownerAgreed: true })).toBe(true);
    await poll(token(), [{ title: 'One' }, { title: 'Four' }]);
    expect(await shown()).toEqual(['Four', 'One']);
  });
});

describe('posts that are to be shown later', () => {
  const line = () => `${token()} delay=24h`;
  const young = { title: 'Young', date: ago(2) };
  const old = { title: 'Old', date: ago(30) };

  test('wait so long after their publication, and are then ordinary', async () => {
    await poll(undefined, [{ title: 'First' }]);
    await poll(line(), [old, young]);
    expect(await shown()).toEqual(['First', 'Old']);
    await releaseDrafts(new Date());
    expect(await shown()).toEqual(['First', 'Old']);
    const later = new Date(Date.now() + 23 * HOUR_MS);
    await releaseDrafts(later);
    await releaseDrafts(later);
    expect(await shown()).toEqual(['First', 'Old', 'Young']);
    const { rows } = await dbPool().query(
      `SELECT backfill, matched_at FROM posts WHERE title = 'Young'`,
    );
    expect(rows).toEqual([{ backfill: false, matched_at: null }]);
    expect((await dbPool().query('SELECT FROM held_drafts')).rowCount).toBe(0);
  });

  test('are shown as they were edited meanwhile', async () => {
    await poll(line(), [young]);
    await poll(undefined, [{ ...young, text: 'Mended.' }]);
    await releaseDrafts(new Date(Date.now() + 23 * HOUR_MS));
    expect(await getPost(1)).toMatchObject({ title: 'Young', summaryText: 'Mended.' });
  });

  test('are never shown when they were deleted meanwhile, but are when they only fell off', async () => {
    await poll(line(), [young, { title: 'Younger', date: ago(1) }, old]);
    await poll(undefined, [{ title: 'Younger', date: ago(1) }, old]);
    await poll(undefined, [{ title: 'Youngest', date: ago(0.5) }]);
    await releaseDrafts(new Date(Date.now() + 30 * HOUR_MS));
    expect(await shown()).toEqual(['Old', 'Younger', 'Youngest']);
  });

  test('are not taken for deleted when the document breaks off before them', async () => {
    await poll(line(), [old, young]);
    const whole = rss('Pond News', [old, young]);
    await pollBody(whole.slice(0, whole.indexOf('About Young')));
    await releaseDrafts(new Date(Date.now() + 23 * HOUR_MS));
    expect(await shown()).toEqual(['Old', 'Young']);
  });

  test('that were shown before the wish stay, and their edits show at once', async () => {
    await poll(undefined, [young]);
    await poll(line(), [{ ...young, text: 'Mended.' }]);
    expect(await getPost(1)).toMatchObject({ summaryText: 'Mended.' });
  });
});
