import { beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { getPost, listPosts } from '../../lib/queries/posts.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { releaseDrafts } from '../../lib/store/held-drafts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
const HOUR_MS = 60 * 60_000;
let id = 0;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'notices', 'cache_events'], { isNumberedAnew: true });
  const [added] = await addFeeds([{ url: server.at('/a') }]);
  id = added?.id ?? 0;
});

const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
const later = () => new Date(Date.now() + 30 * HOUR_MS);
const tokenOf = (feedId: number) => makeToken('owner', { id: feedId, version: 1 });
const line = (words = 'delay=24h') => `${tokenOf(id)} ${words}`;

/** Serves a document and polls its feed. */
async function pollBody(body: string, feedId = id, path = '/a') {
  server.serve(path, { body });
  return pollNow(feedId);
}

const poll = (words: string | undefined, items: Parameters<typeof rss>[1]) =>
  pollBody(rss('Pond News', items) + (words === undefined ? '' : `<!-- tagwire:${words} -->`));

const shown = async () =>
  (await listPosts({ kind: 'latest' })).posts.map((post) => post.title).sort();
const young = { title: 'Young', date: ago(2) };
const old = { title: 'Old', date: ago(30) };

describe('posts that are to be shown later', () => {
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

  test('are not taken for deleted when the document breaks off before them', async () => {
    await poll(line(), [old, young]);
    const whole = rss('Pond News', [old, young]);
    await pollBody(whole.slice(0, whole.indexOf('About Young')));
    await releaseDrafts(new Date(Date.now() + 23 * HOUR_MS));
    expect(await shown()).toEqual(['Old', 'Young']);
  });

  test('are never shown when they were deleted meanwhile, but are when they only fell off', async () => {
    await poll(line(), [young, { title: 'Younger', date: ago(1) }, old]);
    await poll(undefined, [{ title: 'Younger', date: ago(1) }, old]);
    await poll(undefined, [{ title: 'Youngest', date: ago(0.5) }]);
    await releaseDrafts(new Date(Date.now() + 30 * HOUR_MS));
    expect(await shown()).toEqual(['Old', 'Younger', 'Youngest']);
  });

  test('that were shown before the wish stay, and their edits show at once', async () => {
    await poll(undefined, [young]);
    await poll(line(), [{ ...young, text: 'Mended.' }]);
    expect(await getPost(1)).toMatchObject({ summaryText: 'Mended.' });
  });

  test('are not taken back to how they were when the delay is taken back', async () => {
    await poll(line(), [young]);
    await poll(line('display=full'), [{ ...young, text: 'Mended.' }]);
    expect(await getPost(1)).toMatchObject({ summaryText: 'Mended.' });
    await releaseDrafts(later());
    expect(await getPost(1)).toMatchObject({ summaryText: 'Mended.' });
  });
});

describe('what is deleted before its time', () => {
  const undated = `<item><title>Undated</title><link>https://example.org/undated</link></item>`;
  const withUndated = (items: Parameters<typeof rss>[1]) =>
    rss('Pond News', items).replace('</channel>', `${undated}</channel>`);

  test('is never shown, also when it has no date', async () => {
    await pollBody(`${withUndated([old])}<!-- tagwire:${line()} -->`);
    expect(await shown()).toEqual(['Old']);
    await poll(undefined, [old]);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Old']);
  });

  test('is never shown when the feed is empty after it', async () => {
    await poll(line(), [young]);
    await poll(undefined, []);
    await releaseDrafts(later());
    expect(await shown()).toEqual([]);
  });

  test('is never shown when a withdrawal names it, though it is older than what is left', async () => {
    await poll(line(), [young]);
    const words = 'delay=24h withdraw=https://example.org/pond-news/young';
    await poll(line(words), [{ title: 'Younger', date: ago(1) }]);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Younger']);
  });

  test('is never shown when a tombstone names it, though it is older than what is left', async () => {
    const entry = (title: string, hours: number) =>
      `<entry><id>urn:${title}</id><title>${title}</title><link href="https://example.org/${title}"/>
       <published>${ago(hours)}</published><content>About ${title}.</content></entry>`;
    const feed = (inner: string) =>
      `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
       <!-- tagwire:${line()} --><title>Pond News</title>${inner}</feed>`;
    await pollBody(feed(entry('Young', 2)));
    await pollBody(feed(`<at:deleted-entry ref="urn:Young"/>${entry('Younger', 1)}`));
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Younger']);
  });
});

describe('an item that waits and cannot be saved', () => {
  beforeEach(async () => {
    await poll(line(), [young]);
    const [other] = await addFeeds([{ url: server.at('/b') }]);
    const otherId = other?.id ?? 0;
    const body = rss('Marsh News', [{ title: 'Reed', date: ago(2) }]);
    await pollBody(`${body}<!-- tagwire:${tokenOf(otherId)} delay=24h -->`, otherId, '/b');
  });

  test('holds up no other feed, and its own is read again', async () => {
    await dbPool().query(`UPDATE held_drafts SET draft = draft - 'title' WHERE feed_id = $1`, [id]);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Reed']);
    const { rows } = await dbPool().query(
      'SELECT next_check_at <= $2 AS "isDue", body_hash FROM feeds WHERE id = $1',
      [id, later()],
    );
    expect(rows).toEqual([{ isDue: true, body_hash: null }]);
    await poll(undefined, [young]);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Reed', 'Young']);
  });

  test('is told to the operator where reading again is no help, until it is saved', async () => {
    await dbPool().query(
      `UPDATE held_drafts SET draft = draft || '{"bands": ["many"]}' WHERE feed_id = $1`,
      [id],
    );
    await releaseDrafts(later());
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Reed']);
    expect(await listNotices()).toMatchObject([
      { kind: 'unreleased', data: { title: 'Pond News' }, endedAt: null },
    ]);
    await dbPool().query(`UPDATE held_drafts SET draft = draft || '{"bands": []}'`);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Reed', 'Young']);
    expect(await listNotices()).toMatchObject([{ endedAt: expect.any(String) }]);
  });

  test('of an older version is read again before it is due', async () => {
    await dbPool().query('UPDATE held_drafts SET draft_version = 0 WHERE feed_id = $1', [id]);
    await releaseDrafts(new Date());
    await poll(undefined, [young]);
    await releaseDrafts(later());
    expect(await shown()).toEqual(['Reed', 'Young']);
  });
});
