import { beforeEach, describe, expect, test } from 'vitest';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { useDatabase } from '../support/database.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
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

// When the page of a post is not read, or not taken, and what is said of it.

useDatabase();
const server = useFeedServer();
const { read, counts, asked, turnOn, bodyHtml, serveAndRead, ...feed } = usePagedFeed(server);

describe('what publishers say', () => {
  beforeEach(turnOn);

  test('robots.txt forbids it', async () => {
    server.serve('/robots.txt', { body: 'User-agent: tagwire\nDisallow: /the-' });
    await serveAndRead();
    expect(asked(PUMP)).toBe(0);
    expect(await feed.left()).toMatchObject({ reason: 'robots', posts: 1 });
    expect((await feed.left())?.message).toContain('does not let us read /the-pump');
    expect(await bodyHtml()).not.toMatch(FULL);
  });

  test('robots.txt cannot be read, so nothing is, until it can; its wish for rest is kept', async () => {
    server.serve('/robots.txt', { status: 503, headers: { 'retry-after': '7200' } });
    await serveAndRead();
    expect(asked(PUMP)).toBe(0);
    expect((await counts())?.failure).toContain('cannot be read (it answers 503)');
    const { rows } = await dbPool().query(
      `SELECT x.due_at > now() + interval '119 minutes' AS page,
              h.rest_until > now() + interval '119 minutes' AS host
       FROM full_texts x JOIN hosts h USING (host)`,
    );
    expect(rows).toEqual([{ page: true, host: true }]);
    server.serve('/robots.txt', { status: 404 });
    await dbPool().query("UPDATE hosts SET rest_until = now() - interval '1 second'");
    await dbPool().query('UPDATE feeds SET retry_after_until = now()');
    await feed.passTime();
    await read();
    expect(await counts()).toMatchObject({ taken: 1 });
  });

  test('a line in the feed goes over the operator, also when texts are there', async () => {
    await serveAndRead();
    expect(await bodyHtml()).toMatch(FULL);
    const line = (wish: string) =>
      `<!-- tagwire:${makeToken('owner', { id: feed.id(), version: 1 })} ${wish} -->`;
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
    await pollNow(feed.id());
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
    expect(await feed.left()).toMatchObject({ reason: 'asked-not' });
    const page = pageOf('The well');
    server.serve(pathOf('The well'), {
      ...page,
      headers: { ...page.headers, 'x-robots-tag': 'noindex' },
    });
    await pollPosts(server, feed.id(), [PUMP, 'The well']);
    await read();
    expect(await feed.left()).toMatchObject({ reason: 'asked-not', posts: 2 });
    expect((await feed.left())?.message).toContain('X-Robots-Tag: noindex');
    expect(await bodyHtml(2)).not.toMatch(FULL);
  });

  test('the operator’s own display, or turning it off, shows the excerpts again', async () => {
    await serveAndRead();
    await setFeed(feed.id(), { fullText: false });
    await read();
    expect(await bodyHtml()).toBe(`<p>${excerptOf(PUMP)}</p>`);
    await turnOn();
    await setFeed(feed.id(), { display: 'link' });
    await pollPosts(server, feed.id(), [PUMP, 'The well']);
    await read();
    expect(asked('The well')).toBe(0);
    expect(await counts()).toMatchObject({ hindrance: 'it is shown with display=link' });
  });
});

describe('a page that fails', () => {
  beforeEach(turnOn);

  test('is tried again, and its text taken when it answers', async () => {
    await serveAndRead({ status: 500 });
    expect(await counts()).toMatchObject({ waiting: 1, failing: 1 });
    expect((await counts())?.failure).toContain('has a fault of its own (500)');
    server.serve(pathOf(PUMP), pageOf(PUMP));
    await read();
    expect(asked(PUMP)).toBe(1);
    await feed.passTime();
    await read();
    expect(await counts()).toMatchObject({ taken: 1, waiting: 0, failing: 0 });
    expect(await bodyHtml()).toMatch(FULL);
  });

  test('is left with a reason after five tries', async () => {
    await serveAndRead({ status: 404 });
    for (let i = 0; i < 6; i++) {
      await feed.passTime();
      await read();
    }
    expect(asked(PUMP)).toBe(5);
    expect(await feed.left()).toMatchObject({ reason: 'failed' });
    expect((await feed.left())?.message).toContain('nothing at this address (404), 5 times');
  });

  test('and asks for rest gets it, with all of its host and the feeds of its site', async () => {
    await serveAndRead({ status: 503, headers: { 'retry-after': '3600' } });
    server.serve(pathOf(PUMP), pageOf(PUMP));
    server.serve(pathOf('The well'), pageOf('The well'));
    const { rows } = await dbPool().query(
      'SELECT extract(epoch FROM retry_after_until - now()) > 3500 AS rests FROM feeds',
    );
    expect(rows).toEqual([{ rests: true }]);
    await feed.passTime();
    await read();
    // Also when somebody has forgotten the feed's.
    await dbPool().query('UPDATE feeds SET retry_after_until = NULL');
    await pollPosts(server, feed.id(), [PUMP, 'The well']);
    await read();
    expect(asked(PUMP) + asked('The well')).toBe(1);
    await dbPool().query("UPDATE hosts SET rest_until = now() - interval '1 second'");
    await feed.passTime();
    await read();
    expect(await counts()).toMatchObject({ taken: 2 });
  });

  test('is another kind of document, or hostile, and comes to an end', async () => {
    await serveAndRead({ headers: { 'content-type': 'application/pdf' }, body: '%PDF' });
    expect(await feed.left()).toMatchObject({ reason: 'not-html' });
    server.serve(pathOf('The well'), {
      headers: { 'content-type': 'text/html' },
      body: '<div>'.repeat((8 * 1024 * 1024) / 5),
    });
    await pollPosts(server, feed.id(), [PUMP, 'The well']);
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
    await serveAndRead(to('/moved'));
    expect(await counts()).toMatchObject({ taken: 1 });
    server.serve(pathOf('The well'), to('/shut'));
    server.serve(pathOf('The loop'), to(pathOf('The loop')));
    await pollPosts(server, feed.id(), [PUMP, 'The well', 'The loop']);
    await read();
    const reasons = (await counts())?.left.map(({ reason, message }) => [reason, message]);
    expect(reasons).toEqual([
      ['failed', 'more than 5 redirects'],
      ['robots', expect.stringContaining('/shut')],
    ]);
    expect(asked('The loop')).toBe(6);
  });
});
