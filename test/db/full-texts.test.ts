import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { addFeeds, removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { makeFeed, makePost } from '../support/make.ts';
import {
  excerptOf,
  FULL,
  PUMP,
  pageOf,
  pathOf,
  pollPosts,
  usePagedFeed,
} from '../support/paged-feed.ts';
import { pollNow } from '../support/poll-now.ts';
import { useWatchers } from '../support/watchers.ts';

// Posts whose feed gives excerpts, and whose own pages are read for the rest.

useDatabase();
const server = useFeedServer();
const watchers = useWatchers();
const { read, counts, asked, turnOn, bodyHtml, serveAndRead, ...feed } = usePagedFeed(server);

describe('a feed’s excerpts', () => {
  test('stay excerpts by default', async () => {
    await serveAndRead();
    expect(await counts()).toBeNull();
    expect(await bodyHtml()).not.toMatch(FULL);
    expect(asked(PUMP)).toBe(0);
  });

  test('become full texts where the operator allows it, and stay as summaries', async () => {
    await turnOn();
    await serveAndRead();
    expect(await getPost(1)).toMatchObject({
      bodyHtml: expect.stringMatching(FULL),
      summaryText: excerptOf(PUMP),
      version: 1,
    });
    expect(await bodyHtml()).toContain(`src="${server.at('/pump.png')}"`);
    expect(await counts()).toMatchObject({ taken: 1, waiting: 0, left: [], requests: 2 });
    const { headers } = server.requests.find(({ path }) => path === pathOf(PUMP)) ?? {};
    expect(headers).toMatchObject({ accept: expect.stringMatching(/^text\/html/u) });
  });

  test('are not read where the feed gives the whole, or leads to somebody else’s page', async () => {
    await turnOn();
    const whole = 'All of it stands here. '.repeat(100);
    await pollPosts(server, feed.id(), [
      { title: 'Whole', text: whole },
      { title: 'Link', link: 'https://elsewhere.example/' },
    ]);
    await read();
    expect(server.requests.map(({ path }) => path)).toEqual(['/feed', '/feed']);
    expect(await counts()).toMatchObject({ left: [{ reason: 'elsewhere', posts: 1 }] });
  });

  test('are searched for with their full text then, and drop what is cached', async () => {
    await turnOn();
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await pollPosts(server, feed.id(), [PUMP]);
    await dbPool().query('UPDATE posts SET indexed_at = now(), matched_at = now()');
    await emptyTables(['cache_events']);
    await read();
    const { rows } = await dbPool().query(
      `SELECT indexed_at, matched_at IS NULL AS alerts,
              words @@ to_tsquery('simple', 'sludge') AS found FROM posts`,
    );
    expect(rows).toEqual([{ indexed_at: null, alerts: false, found: true }]);
    const events = await dbPool().query<{ tags: string[] }>('SELECT tags FROM cache_events');
    expect(events.rows.flatMap(({ tags }) => tags)).toEqual(
      expect.arrayContaining(['post:1', 'source:wells']),
    );
  });
});

describe('an alert', () => {
  beforeEach(turnOn);

  test('hears of a post with its excerpt, once, and not again when the full text comes', async () => {
    for (const word of ['eleven', 'sludge']) {
      await watchers.watch(word, { email: `${word}@example.org` });
    }
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await pollPosts(server, feed.id(), [PUMP]);
    await matchAlerts();
    expect(await watchers.matches()).toEqual([PUMP]);
    await read();
    expect(await bodyHtml()).toMatch(FULL);
    await matchAlerts();
    expect(await watchers.matches()).toEqual([PUMP]);
  });
});

describe('a tag that only the full text names', () => {
  test('is found when that comes, and goes with it', async () => {
    await turnOn();
    for (const title of ['One', 'Two', 'Three']) {
      const feedId = await makeFeed(`Source of ${title}`);
      await makePost({ feedId, title, tags: ['Grey Sludge'] });
    }
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await pollPosts(server, feed.id(), [PUMP]);
    const tags = async () => (await getPost(4))?.tags.map(({ name, origin }) => [name, origin]);
    expect(await tags()).toEqual([]);
    await read();
    expect(await tags()).toEqual([['Grey Sludge', 'text']]);
    await setFeed(feed.id(), { fullText: false });
    await read();
    expect(await tags()).toEqual([]);
  });
});

describe('what happens while a page is fetched', () => {
  beforeEach(turnOn);

  /** Does something between the request for the page and its first answer. */
  const serveAfter = (work: () => Promise<unknown>) => {
    let isFirst = true;
    server.serve(pathOf(PUMP), (_, response) => {
      const { headers, body } = pageOf(PUMP, { word: isFirst ? 'bearing' : 'shaft' });
      const before = isFirst ? work() : Promise.resolve();
      isFirst = false;
      void before.then(() => response.writeHead(200, headers).end(body));
      return 'done';
    });
  };

  test('an edit has it fetched again, and nothing of the old one is kept', async () => {
    await pollPosts(server, feed.id(), [PUMP]);
    serveAfter(() =>
      pollPosts(server, feed.id(), [{ title: PUMP, text: `New: ${excerptOf(PUMP)}` }]),
    );
    await read();
    expect(asked(PUMP)).toBe(2);
    expect(await bodyHtml()).toContain('the shaft was turned');
    expect(await getPost(1)).toMatchObject({ summaryText: `New: ${excerptOf(PUMP)}` });
    expect(await counts()).toMatchObject({ taken: 1, waiting: 0 });
  });

  test('a wish for less has nothing of it shown', async () => {
    await pollPosts(server, feed.id(), [PUMP]);
    serveAfter(() => setFeed(feed.id(), { display: 'excerpt' }));
    await read();
    expect(asked(PUMP)).toBe(1);
    expect((await dbPool().query('SELECT body_text FROM posts')).rows).toEqual([
      { body_text: excerptOf(PUMP) },
    ]);
    await read();
    expect((await dbPool().query('SELECT FROM full_texts')).rowCount).toBe(0);
  });
});

describe('another feed', () => {
  beforeEach(turnOn);

  /** Polls a second feed of the server with one post. */
  async function pollOther(post: { text: string; link: string }): Promise<number> {
    server.serve('/other', { body: rss('Others', []) });
    const [added] = await addFeeds([{ url: server.at('/other') }]);
    const otherId = added?.id ?? 0;
    await pollNow(otherId);
    server.serve('/other', { body: rss('Others', [{ title: PUMP, ...post }]) });
    await pollNow(otherId);
    return otherId;
  }
  const countPosts = async () => (await dbPool().query('SELECT FROM posts')).rowCount;

  test('that gives a longer text does not spare the page: nobody speaks for another', async () => {
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await pollPosts(server, feed.id(), [PUMP]);
    await pollOther({ text: 'The whole of it. '.repeat(80), link: server.at(pathOf(PUMP)) });
    await read();
    expect(asked(PUMP)).toBe(1);
    expect(await bodyHtml()).toMatch(FULL);
  });

  test('that tells the same excerpt tells the same post, whose text is longer now', async () => {
    const long =
      'It hummed in the old house by the deep well where we lived and worked through all seasons, ' +
      'while snow lay on roofs, until my father, who never trusted machines with more than one ' +
      'wheel, shut off its valve and carried every bucket up from below himself…';
    const { headers, body } = pageOf(PUMP);
    const page = { headers, body: body.replace('</h1>', `</h1><p>${long}</p>`) };
    server.serve(pathOf(PUMP), page);
    await pollPosts(server, feed.id(), [{ title: PUMP, text: long }]);
    await read();
    expect(await bodyHtml()).toMatch(FULL);
    await pollOther({ text: long, link: 'https://mirror.example/copied' });
    expect(await countPosts()).toBe(1);
  });

  test('keeps the post with its own words when the feed whose page was read is removed', async () => {
    await serveAndRead();
    const otherId = await pollOther({
      text: excerptOf(PUMP),
      link: server.at(pathOf(PUMP)),
    });
    expect(await countPosts()).toBe(1);
    await removeFeed(feed.id());
    expect(await bodyHtml()).toBe('');
    await pollNow(otherId);
    expect(await bodyHtml()).toBe(`<p>${excerptOf(PUMP)}</p>`);
  });
});

describe('a later poll', () => {
  beforeEach(turnOn);

  test('of the unchanged feed keeps the full text, without another version', async () => {
    await serveAndRead();
    await pollPosts(server, feed.id(), [PUMP]);
    // The same item, but for what is no text.
    await pollPosts(server, feed.id(), [{ title: PUMP, tags: ['Water'] }, 'The well']);
    await read();
    expect(await getPost(1)).toMatchObject({
      bodyHtml: expect.stringMatching(FULL),
      version: 1,
      tags: [{ slug: 'water' }],
    });
    expect(asked(PUMP)).toBe(1);
  });

  test('with an edit reads the page again, and the edit is one version', async () => {
    await serveAndRead();
    server.serve(pathOf(PUMP), pageOf(PUMP, { word: 'shaft' }));
    const edited = { title: PUMP, text: `${excerptOf(PUMP)} Edited…` };
    await pollPosts(server, feed.id(), [edited]);
    expect(await bodyHtml()).toMatch(FULL);
    await read();
    expect(asked(PUMP)).toBe(2);
    expect(await getPost(1)).toMatchObject({
      bodyHtml: expect.stringContaining('the shaft was turned'),
      summaryText: edited.text,
      version: 2,
    });
    await pollPosts(server, feed.id(), [
      { ...edited, title: 'The pumps', link: server.at(pathOf(PUMP)) },
    ]);
    server.serve(pathOf(PUMP), pageOf(PUMP, { word: 'wheel' }));
    await read();
    expect(await getPost(1)).toMatchObject({ version: 3, formerTitle: PUMP });
  });

  test('with an edit whose page has gone shows what the feed says now', async () => {
    await serveAndRead();
    server.serve(pathOf(PUMP), pageOf('Something else'));
    await pollPosts(server, feed.id(), [
      { title: PUMP, text: 'We have sold the house and all in it…' },
    ]);
    await read();
    expect(await feed.left()).toMatchObject({ reason: 'not-the-post' });
    expect(await bodyHtml()).toBe('<p>We have sold the house and all in it…</p>');
  });

  test('that brings the whole text takes the place of the page’s', async () => {
    await serveAndRead();
    const text = 'The feed has all of it now. '.repeat(60).trim();
    await pollPosts(server, feed.id(), [{ title: PUMP, text }]);
    await read();
    expect(await bodyHtml()).toBe(`<p>${text}</p>`);
    expect(await counts()).toMatchObject({ taken: 0, waiting: 0, left: [] });
    expect(asked(PUMP)).toBe(1);
  });
});
