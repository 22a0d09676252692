import { beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { RobotsTexts } from '../../lib/fetch/robots.ts';
import { fetchSpaced } from '../../lib/ingest/fetch-feed.ts';
import { readFullTextCounts } from '../../lib/queries/full-texts.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { addFeeds, removeFeed, setFeed } from '../../lib/store/feeds.ts';
import { readPages } from '../../workers/jobs/read-pages.ts';
import { useDatabase } from '../support/database.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import {
  addPagedFeed,
  excerptOf,
  pageOf,
  pathOf,
  pollNow,
  pollPosts,
} from '../support/paged-feed.ts';

// Posts whose feed gives excerpts, and whose own pages are read for the rest.

useDatabase();
const server = useFeedServer();
let id = 0;

beforeEach(async () => {
  await dbPool().query('TRUNCATE feeds, hosts, tags, cache_events RESTART IDENTITY CASCADE');
  id = await addPagedFeed(server);
});

/** Reads what is due; each time as a worker that knows no host's robots.txt. */
const read = () => readPages({ robots: new RobotsTexts(fetchSpaced) });
const counts = () => readFullTextCounts(id);
const asked = (title: string) =>
  server.requests.filter(({ path }) => path === pathOf(title)).length;
/** Lets the pauses of pages end that wait. */
const passTime = () => dbPool().query('UPDATE full_texts SET due_at = now() WHERE due_at > now()');
const turnOn = () => setFeed(id, { fullText: true });
const bodyHtml = async (postId = 1) => (await getPost(postId))?.bodyHtml;
const left = async () => (await counts())?.left[0];

const PUMP = 'The pump';
const FULL = /turned by hand/u;

async function serveAndRead(page = pageOf(PUMP)): Promise<void> {
  server.serve(pathOf(PUMP), page);
  await pollPosts(server, id, [PUMP]);
  await read();
}

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
    await pollPosts(server, id, [
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
    await pollPosts(server, id, [PUMP]);
    await dbPool().query('UPDATE posts SET indexed_at = now(), matched_at = now()');
    await dbPool().query('TRUNCATE cache_events');
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

describe('what publishers say', () => {
  beforeEach(turnOn);

  test('robots.txt forbids it', async () => {
    server.serve('/robots.txt', { body: 'User-agent: tagwire\nDisallow: /the-' });
    await serveAndRead();
    expect(asked(PUMP)).toBe(0);
    expect(await left()).toMatchObject({ reason: 'robots', posts: 1 });
    expect((await left())?.message).toContain('does not let us read /the-pump');
    expect(await bodyHtml()).not.toMatch(FULL);
  });

  test('a line in the feed goes over the operator, also when texts are there', async () => {
    await serveAndRead();
    expect(await bodyHtml()).toMatch(FULL);
    const line = (wish: string) =>
      `<!-- tagwire:${makeToken('owner', { id, version: 1 })} ${wish} -->`;
    const posts = (...titles: string[]) =>
      rss(
        'Wells',
        titles.map((title) => ({
          title,
          text: excerptOf(title),
          link: server.at(pathOf(title)),
        })),
      );
    server.serve('/feed', { body: posts(PUMP, 'The well') + line('display=excerpt') });
    server.serve(pathOf('The well'), pageOf('The well'));
    await pollNow(id);
    await read();
    expect(asked('The well')).toBe(0);
    expect(await counts()).toMatchObject({
      taken: 0,
      hindrance: expect.stringContaining('asks for display=excerpt'),
    });
    const { rows } = await dbPool().query('SELECT body_text, version FROM posts ORDER BY id');
    expect(rows).toEqual([
      { body_text: excerptOf(PUMP), version: 1 },
      { body_text: excerptOf('The well'), version: 1 },
    ]);
  });

  test('a page or its server asks not to be indexed or kept', async () => {
    await serveAndRead(pageOf(PUMP, { head: '<meta name=robots content="noarchive">' }));
    expect(await left()).toMatchObject({ reason: 'asked-not' });
    const page = pageOf('The well');
    server.serve(pathOf('The well'), {
      ...page,
      headers: { ...page.headers, 'x-robots-tag': 'noindex' },
    });
    await pollPosts(server, id, [PUMP, 'The well']);
    await read();
    expect(await left()).toMatchObject({ reason: 'asked-not', posts: 2 });
    expect((await left())?.message).toContain('X-Robots-Tag: noindex');
    expect(await bodyHtml(2)).not.toMatch(FULL);
  });

  test('the operator’s own display, or turning it off, shows the excerpts again', async () => {
    await serveAndRead();
    await setFeed(id, { fullText: false });
    await read();
    expect(await bodyHtml()).toBe(`<p>${excerptOf(PUMP)}</p>`);
    await turnOn();
    await setFeed(id, { display: 'link' });
    await pollPosts(server, id, [PUMP, 'The well']);
    await read();
    expect(asked('The well')).toBe(0);
    expect(await counts()).toMatchObject({ hindrance: 'it is shown with display=link' });
  });
});

describe('a page that fails', () => {
  beforeEach(turnOn);

  test('is tried again, and its text taken when it answers', async () => {
    await serveAndRead({ status: 500 } as never);
    expect(await counts()).toMatchObject({ waiting: 1, failing: 1 });
    expect((await counts())?.failure).toContain('has a fault of its own (500)');
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await read();
    expect(asked(PUMP)).toBe(1);
    await passTime();
    await read();
    expect(await counts()).toMatchObject({ taken: 1, waiting: 0, failing: 0 });
    expect(await bodyHtml()).toMatch(FULL);
  });

  test('is left with a reason after five tries', async () => {
    await serveAndRead({ status: 404 } as never);
    for (let i = 0; i < 6; i++) {
      await passTime();
      await read();
    }
    expect(asked(PUMP)).toBe(5);
    expect(await left()).toMatchObject({ reason: 'failed' });
    expect((await left())?.message).toContain('nothing at this address (404), 5 times');
  });

  test('and asks for rest gets it, with all of its host and the feeds of its site', async () => {
    await serveAndRead({ status: 503, headers: { 'retry-after': '3600' } } as never);
    server.serve(pathOf(PUMP), pageOf(PUMP));
    server.serve(pathOf('The well'), pageOf('The well'));
    const { rows } = await dbPool().query(
      'SELECT extract(epoch FROM retry_after_until - now()) > 3500 AS rests FROM feeds',
    );
    expect(rows).toEqual([{ rests: true }]);
    await passTime();
    await read();
    // Also when somebody has forgotten the feed's.
    await dbPool().query('UPDATE feeds SET retry_after_until = NULL');
    await pollPosts(server, id, [PUMP, 'The well']);
    await read();
    expect(asked(PUMP) + asked('The well')).toBe(1);
    await dbPool().query('UPDATE hosts SET rest_until = now()');
    await passTime();
    await read();
    expect(await counts()).toMatchObject({ taken: 2 });
  });

  test('is another kind of document, or hostile, and comes to an end', async () => {
    await serveAndRead({ headers: { 'content-type': 'application/pdf' }, body: '%PDF' } as never);
    expect(await left()).toMatchObject({ reason: 'not-html' });
    server.serve(pathOf('The well'), {
      headers: { 'content-type': 'text/html' },
      body: '<div>'.repeat((8 * 1024 * 1024) / 5),
    });
    await pollPosts(server, id, [PUMP, 'The well']);
    await read();
    expect((await counts())?.left.map(({ reason }) => reason).sort()).toEqual([
      'not-html',
      'too-large',
    ]);
  });

  test('redirects, and is read where it leads, as robots.txt allows there', async () => {
    server.serve('/robots.txt', { body: 'User-agent: *\nDisallow: /shut' });
    const to = (location: string) => ({ status: 301, headers: { location } });
    server.serve('/moved', pageOf(PUMP));
    await serveAndRead(to('/moved') as never);
    expect(await counts()).toMatchObject({ taken: 1 });
    server.serve(pathOf('The well'), to('/shut'));
    server.serve(pathOf('The loop'), to(pathOf('The loop')));
    await pollPosts(server, id, [PUMP, 'The well', 'The loop']);
    await read();
    const reasons = (await counts())?.left.map(({ reason, message }) => [reason, message]);
    expect(reasons).toEqual([
      ['failed', 'more than 5 redirects'],
      ['robots', expect.stringContaining('/shut')],
    ]);
    expect(asked('The loop')).toBe(6);
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
    await pollPosts(server, id, [PUMP]);
    serveAfter(() => pollPosts(server, id, [{ title: PUMP, text: `New: ${excerptOf(PUMP)}` }]));
    await read();
    expect(asked(PUMP)).toBe(2);
    expect(await bodyHtml()).toContain('the shaft was turned');
    expect(await getPost(1)).toMatchObject({ summaryText: `New: ${excerptOf(PUMP)}` });
    expect(await counts()).toMatchObject({ taken: 1, waiting: 0 });
  });

  test('a wish for less has nothing of it shown', async () => {
    await pollPosts(server, id, [PUMP]);
    serveAfter(() => setFeed(id, { display: 'excerpt' }));
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

  test('that gives the whole text meanwhile spares the page', async () => {
    await pollPosts(server, id, [PUMP]);
    await pollOther({ text: 'The whole of it. '.repeat(80), link: server.at(pathOf(PUMP)) });
    await read();
    expect(asked(PUMP)).toBe(0);
    expect(await bodyHtml()).toContain('The whole of it.');
  });

  test('that tells the same excerpt tells the same post, whose text is longer now', async () => {
    const long =
      'It hummed in the old house by the deep well where we lived and worked through all seasons, ' +
      'while snow lay on roofs, until my father, who never trusted machines with more than one ' +
      'wheel, shut off its valve and carried every bucket up from below himself…';
    const { headers, body } = pageOf(PUMP);
    const page = { headers, body: body.replace('</h1>', `</h1><p>${long}</p>`) };
    server.serve(pathOf(PUMP), page);
    await pollPosts(server, id, [{ title: PUMP, text: long }]);
    await read();
    expect(await bodyHtml()).toMatch(FULL);
    await pollOther({ text: long, link: 'https://mirror.example/copied' });
    expect(await countPosts()).toBe(1);
  });

  test('keeps the post with its excerpt when the feed whose page was read is removed', async () => {
    await serveAndRead();
    await pollOther({ text: excerptOf(PUMP), link: server.at(pathOf(PUMP)) });
    expect(await countPosts()).toBe(1);
    await removeFeed(id);
    expect(await bodyHtml()).toBe(`<p>${excerptOf(PUMP)}</p>`);
  });
});

describe('a later poll', () => {
  beforeEach(turnOn);

  test('of the unchanged feed keeps the full text, without another version', async () => {
    await serveAndRead();
    await pollPosts(server, id, [PUMP]);
    // The same item, but for what is no text.
    await pollPosts(server, id, [{ title: PUMP, tags: ['Water'] }, 'The well']);
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
    await pollPosts(server, id, [edited]);
    expect(await bodyHtml()).toMatch(FULL);
    await read();
    expect(asked(PUMP)).toBe(2);
    expect(await getPost(1)).toMatchObject({
      bodyHtml: expect.stringContaining('the shaft was turned'),
      summaryText: edited.text,
      version: 2,
    });
    await pollPosts(server, id, [{ ...edited, title: 'The pumps', link: server.at(pathOf(PUMP)) }]);
    server.serve(pathOf(PUMP), pageOf(PUMP, { word: 'wheel' }));
    await read();
    expect(await getPost(1)).toMatchObject({ version: 3, formerTitle: PUMP });
  });

  test('with an edit whose page has gone shows what the feed says now', async () => {
    await serveAndRead();
    server.serve(pathOf(PUMP), pageOf('Something else'));
    await pollPosts(server, id, [{ title: PUMP, text: 'We have sold the house and all in it…' }]);
    await read();
    expect(await left()).toMatchObject({ reason: 'not-the-post' });
    expect(await bodyHtml()).toBe('<p>We have sold the house and all in it…</p>');
  });

  test('that brings the whole text takes the place of the page’s', async () => {
    await serveAndRead();
    const text = 'The feed has all of it now. '.repeat(60).trim();
    await pollPosts(server, id, [{ title: PUMP, text }]);
    await read();
    expect(await bodyHtml()).toBe(`<p>${text}</p>`);
    expect(await counts()).toMatchObject({ taken: 0, waiting: 0, left: [] });
    expect(asked(PUMP)).toBe(1);
  });
});
