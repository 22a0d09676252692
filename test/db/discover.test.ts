import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discoverFeed, findNamedFeeds } from '../../lib/ingest/discover.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';

const server = useFeedServer();
const FEED = rss('Pond News', [{ title: 'One' }, { title: 'Two' }]);
const page = (head: string) => ({
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html><head><title>Pond</title>${head}</head><body>Hello</body></html>`,
});
const link = (href: string, title = '', type = 'application/rss+xml') =>
  `<link rel="alternate" type="${type}" title="${title}" href="${href}">`;

describe('the feed behind an address', () => {
  test('is the address itself where a feed is', async () => {
    server.serve('/feed', { body: FEED });
    expect(await discoverFeed(server.at('/feed'))).toEqual({
      kind: 'feed',
      url: server.at('/feed'),
      title: 'Pond News',
      posts: 2,
    });
  });

  test('is the one that the page names, beside that of its comments', async () => {
    server.serve('/blog/', page(link('posts.xml') + link('/comments/feed/', 'Pond: Comments')));
    server.serve('/blog/posts.xml', { body: FEED });
    expect(await discoverFeed(server.at('/blog/'))).toMatchObject({
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
    expect(await discoverFeed(server.at('/'))).toEqual({
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
    expect(await discoverFeed(server.at('/about'))).toMatchObject({ url: server.at('/atom.xml') });
  });

  test('is nowhere, and that is said', async () => {
    server.serve('/about', page(''));
    const none = await discoverFeed(server.at('/about'));
    expect(none).toMatchObject({ kind: 'none', message: expect.stringContaining('names no feed') });
    server.serve('/about', page(link('/broken')));
    expect(await discoverFeed(server.at('/about'))).toMatchObject({
      message: expect.stringContaining('the feed that it names'),
    });
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
