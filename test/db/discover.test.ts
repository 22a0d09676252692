import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RobotsTexts } from '../../lib/fetch/robots.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import { type DiscoverOptions, discoverFeed } from '../../lib/ingest/discover.ts';
import { findNamedFeeds } from '../../lib/ingest/named-feeds.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';

const server = useFeedServer();
const FEED = rss('Pond News', [{ title: 'One' }, { title: 'Two' }]);
const page = (head: string) => ({
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html><head><title>Pond</title>${head}</head><body>Hello</body></html>`,
});
const link = (href: string, title = '', type = 'application/rss+xml') =>
  `<link rel="alternate" type="${type}" title="${title}" href="${href}">`;

const asked = () => server.requests.map(({ path }) => path);

/** With a memory of robots.txt that is this look's own. */
const discover = (path: string, options: DiscoverOptions = {}) =>
  discoverFeed(server.at(path), { robots: new RobotsTexts(fetchSpaced), ...options });

describe('the feed behind an address', () => {
  test('is the address itself where a feed is', async () => {
    server.serve('/feed', { body: FEED });
    expect(await discover('/feed')).toMatchObject({
      kind: 'feed',
      url: server.at('/feed'),
      title: 'Pond News',
      posts: 2,
    });
  });

  test('is the one that the page names, beside that of its comments', async () => {
    server.serve('/blog/', page(link('posts.xml') + link('/comments/feed/', 'Pond: Comments')));
    server.serve('/blog/posts.xml', { body: FEED });
    expect(await discover('/blog/')).toMatchObject({
      kind: 'feed',
      url: server.at('/blog/posts.xml'),
    });
  });

  test('is for the operator to choose where the page names several', async () => {
    server.serve(
      '/',
      page(
        link('/c', 'Comments on posts') +
          link('/a', 'News') +
          link('/b', 'Notes', 'application/atom+xml'),
      ),
    );
    expect(await discover('/')).toEqual({
      kind: 'choice',
      feeds: [
        { url: server.at('/a'), title: 'News' },
        { url: server.at('/b'), title: 'Notes' },
        { url: server.at('/c'), title: 'Comments on posts' },
      ],
    });
  });

  test('is in one of the usual places where the page names none', async () => {
    server.serve('/about', page(''));
    server.serve('/atom.xml', { body: FEED });
    expect(await discover('/about')).toMatchObject({ url: server.at('/atom.xml') });
  });

  test('is that of comments where a page names no other', async () => {
    server.serve('/about', page(link('/comments', 'Comments')));
    server.serve('/comments', { body: FEED });
    expect(await discover('/about')).toMatchObject({ url: server.at('/comments') });
    server.serve('/atom.xml', { body: FEED });
    expect(await discover('/about')).toMatchObject({ url: server.at('/atom.xml') });
  });

  test('is a profile’s own', async () => {
    server.serve('/@ada', page(''));
    server.serve('/@ada.rss', { body: FEED });
    server.serve('/feed', { body: FEED });
    expect(await discover('/@ada')).toMatchObject({ url: server.at('/@ada.rss') });
  });

  test('is nowhere, and what was tried is said', async () => {
    server.serve('/about', page(''));
    expect(await discover('/about')).toEqual({
      kind: 'none',
      message:
        'This is a web page, not a feed. It names no feed. ' +
        'None is at /feed, /feed.xml, /rss.xml, /atom.xml, /index.xml.',
    });
    server.serve('/about', page(link('/broken')));
    server.serve('/feed', { body: FEED });
    expect(await discover('/about')).toMatchObject({
      kind: 'none',
      message: `This is a web page, and the feed that it names, ${server.at('/broken')}, cannot be read.`,
    });
  });

  test('is not guessed where that was done before', async () => {
    server.serve('/about', page(''));
    server.serve('/feed', { body: FEED });
    expect(await discover('/about', { guesses: false })).toMatchObject({ kind: 'none' });
    expect(asked()).toEqual(['/about', '/robots.txt']);
  });

  test('is looked for no further where the server asks us to come later', async () => {
    server.serve('/about', page(''));
    server.serve('/feed', { status: 429, headers: { 'retry-after': '600' } });
    expect(await discover('/about')).toEqual({
      kind: 'none',
      message:
        'This is a web page, not a feed. It names no feed. None is at /feed. ' +
        'Its server asks us to come later.',
      retryAfterSeconds: 600,
    });
    expect(asked()).toEqual(['/about', '/robots.txt', '/feed']);
  });

  test('costs what its requests cost, and they are told', async () => {
    server.serve('/about', page(''));
    let requests = 0;
    const tally = (exchange: { requests: number }) => {
      requests += exchange.requests;
    };
    await discover('/about', { tally });
    expect(requests).toBe(server.requests.length);
  });

  test('is looked for no further when that is called off', async () => {
    const stop = new AbortController();
    server.serve('/about', () => {
      stop.abort();
      return page('');
    });
    await expect(discover('/about', { signal: stop.signal })).rejects.toThrow(/abort/u);
    expect(asked()).toEqual(['/about']);
  });
});

describe('robots.txt', () => {
  const robots = (...lines: string[]) => server.serve('/robots.txt', { body: lines.join('\n') });

  test('is heeded for guesses', async () => {
    robots('User-agent: *', 'Disallow: /feed', 'Disallow: /rss');
    server.serve('/about', page(''));
    server.serve('/atom.xml', { body: FEED });
    server.serve('/feed', { body: FEED });
    expect(await discover('/about')).toMatchObject({ url: server.at('/atom.xml') });
    expect(asked()).toEqual(['/about', '/robots.txt', '/atom.xml']);
  });

  test('is heeded for the page itself, which nobody knew to be one', async () => {
    robots('User-agent: Tagwire', 'Disallow: /');
    server.serve('/about', page(link('/posts')));
    server.serve('/posts', { body: FEED });
    const { host } = new URL(server.at('/'));
    expect(await discover('/about')).toEqual({
      kind: 'none',
      message:
        'This is a web page, not a feed. ' +
        `robots.txt of ${host} does not let us read /about. ` +
        `robots.txt of ${host} does not let us read /feed.`,
    });
    expect(asked()).toEqual(['/about', '/robots.txt']);
  });

  test('that cannot be read lets nothing be read but feeds', async () => {
    server.serve('/robots.txt', { status: 500 });
    server.serve('/about', page(''));
    server.serve('/feed', { body: FEED });
    expect(await discover('/about')).toMatchObject({
      message: expect.stringMatching(/robots\.txt of .* cannot be read \(it answers 500\)/u),
    });
    expect(await discover('/feed')).toMatchObject({ kind: 'feed' });
  });
});

describe('links to feeds', () => {
  const urls = (html: string) =>
    findNamedFeeds(html, 'https://pond.example/a/').map((feed) => feed.url);

  test('are those of type and relation, from the base that the page says', () => {
    expect(
      urls(
        `<base href="/b/"><link rel="alternate" type="application/json" href="no">
         <LINK REL='Alternate nofollow' TYPE='application/atom+xml; charset=utf-8' HREF='yes'>
         <link rel=stylesheet type=text/css href=no.css><link rel=alternate hreflang=de href=/de>
         <link rel="alternate" type="application/feed+json" href="https://other.example/f.json">
         <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">`,
      ),
    ).toEqual(['https://pond.example/b/yes', 'https://other.example/f.json']);
  });

  test('are only web addresses, and few, whatever the page is', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom(link('/x'), '<link ', '"', '<!--', '<base href="'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const found = urls(parts.join(''));
        expect(found.length).toBeLessThanOrEqual(20);
        for (const url of found) expect(url).toMatch(/^https?:\/\//u);
      }),
    );
  });
});
