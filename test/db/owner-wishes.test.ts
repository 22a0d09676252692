import { beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { getOwnership } from '../../lib/queries/ownership.ts';
import { getPost, listPosts } from '../../lib/queries/posts.ts';
import { addFeeds, setFeed } from '../../lib/store/feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { pollNow } from '../support/poll-now.ts';

useDatabase();
const server = useFeedServer();
let id = 0;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'notices', 'cache_events'], { isNumberedAnew: true });
  const [added] = await addFeeds([{ url: server.at('/a') }]);
  id = added?.id ?? 0;
});

const token = (feedId = id) => makeToken('owner', { id: feedId, version: 1 });

/** Serves a feed with a line of its owner's, and polls it. */
async function poll(line: string | undefined, items: Parameters<typeof rss>[1]) {
  const comment = line === undefined ? '' : `<!-- tagwire:${line} -->`;
  return pollBody(rss('Pond News', items) + comment);
}

async function pollBody(body: string) {
  server.serve('/a', { body });
  return pollNow(id);
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

  test('stays as it was where a line is not understood, and its publisher is told', async () => {
    await poll(`${token()} display=excerpt delay=24h`, [{ title: 'One' }]);
    for (const words of ['remove-me-not', 'remove me not', 'delay=soon', 'display=excerpt.']) {
      await poll(`${token()} ${words}`, [{ title: 'One' }, { title: words }]);
      const ownership = await getOwnership('pond-news');
      expect(ownership).toMatchObject({ display: 'excerpt', delayHours: 24, removedAt: null });
      expect(ownership?.report.faults.map(({ word }) => word)).toContain(words.split(' ').at(-1));
    }
    await poll(`${token()}\n  delay=2d,\n  display=link`, [{ title: 'One' }, { title: 'Two' }]);
    expect(await getOwnership('pond-news')).toMatchObject({
      display: 'link',
      delayHours: 48,
      report: { faults: [], unmet: [] },
    });
    await poll(`${token()} delay=0h`, [{ title: 'One' }, { title: 'Three' }]);
    expect(await getOwnership('pond-news')).toMatchObject({ display: null, delayHours: null });
  });

  test('is the sum of several lines, of which a bad one takes nothing back', async () => {
    const items = [1, 2].map((n) => ({ title: `${n}`, link: `https://example.org/${n}` }));
    await poll(undefined, items);
    const line = (words: string) => `<!-- tagwire:${token()} ${words} -->`;
    await pollBody(
      line('display=excerpt delay=3h') +
        line('withdraw=https://example.org/1') +
        rss('Pond News', items),
    );
    expect(await shown()).toEqual(['2']);
    const delayed = { display: 'excerpt', delayHours: 3 };
    expect(await getOwnership('pond-news')).toMatchObject({ ...delayed, withdrawn: { count: 1 } });
    await pollBody(
      line('delay=soon') + line('withdraw=https://example.org/2') + rss('Pond News', items),
    );
    expect(await shown()).toEqual([]);
    expect(await getOwnership('pond-news')).toMatchObject({ ...delayed, withdrawn: { count: 2 } });
  });

  test('takes back what has a fragment, or an address of our making', async () => {
    const item = (title: string, link: string) =>
      `<item><guid isPermaLink="false">${title}</guid><title>${title}</title>${link}
       <pubDate>Fri, 01 May 2026 10:00:00 GMT</pubDate></item>`;
    const links = ['changelog', 'changelog#v1', 'changelog#v2'].map((path) =>
      item(path, `<link>https://example.org/${path}</link>`),
    );
    const feed = (line: string) =>
      `<!-- tagwire:${token()} ${line} --><rss version="2.0"><channel><title>Pond News</title>
       <link>https://example.org/</link>${links.join('')}${item('Note', '')}</channel></rss>`;
    await pollBody(feed('delay=0h'));
    const { posts } = await listPosts({ kind: 'latest' });
    const made = posts.find(({ title }) => title === 'Note')?.url;
    expect(made).toContain('#item-');
    await pollBody(feed('withdraw=http://example.org/changelog#v2'));
    expect(await shown()).toEqual(['Note', 'changelog', 'changelog#v1']);
    await pollBody(
      feed(
        `withdraw=https://example.org/changelog#v2 withdraw=${made} withdraw=https://example.org/x`,
      ),
    );
    expect(await shown()).toEqual(['changelog', 'changelog#v1']);
    expect(await getOwnership('pond-news')).toMatchObject({
      report: { faults: [], unmet: ['https://example.org/x'] },
      withdrawn: { count: 2 },
    });
  });
});
