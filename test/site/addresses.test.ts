import { beforeAll, describe, expect, test } from 'vitest';
import { makeToken, neverClaim, quietClaim } from '../../lib/alerts/tokens.ts';
import { everythingTag } from '../../lib/cache-tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { type Described, faultsOf } from '../support/api-schema.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { expectValidFeed } from '../support/served-feed.ts';
import type { Site } from '../support/site.ts';

// What others rely on: each address with its status, its kind and a word of its content.

useDatabase({ isOfSite: true });
const HTML = 'text/html; charset=utf-8';
const RSS = 'application/rss+xml; charset=utf-8';
const ATOM = 'application/atom+xml; charset=utf-8';
const JSON_FEED = 'application/feed+json; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const PROBLEM = 'application/problem+json';
let site: Site;
/** Stand in addresses for what has a number or a secret: `POST`, `OWNER` and so on. */
const names = new Map<string, string>();

async function makeOwner(): Promise<void> {
  const { rows } = await dbPool().query<{ subscriber: number; alert: number }>(
    `WITH owner AS (
       INSERT INTO subscribers (email, email_key, status, confirmed_at)
       VALUES ('ada@example.org', 'ada@example.org', 'confirmed', now()) RETURNING id)
     INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, anchors, status, confirmed_at)
     SELECT id, 'numa', 'numa', 'feed', 'numa'::tsquery, '{numa}', 'active', now() FROM owner
     RETURNING id AS alert, subscriber_id AS subscriber`,
  );
  const { subscriber = 0, alert = 0 } = rows[0] ?? {};
  names.set('ALERT', String(alert));
  names.set('QUIET', makeToken('quiet', quietClaim(subscriber)));
  names.set('NEVER', makeToken('never', neverClaim(subscriber)));
  names.set('OWNER', makeToken('manage', { id: subscriber, version: 1 }));
  names.set('CONFIRM', makeToken('confirm', { id: alert, version: 1 }));
  names.set('STOP', makeToken('unsubscribe', { id: alert, version: 1 }));
  names.set('FEED', makeToken('feed', { id: alert, version: 1 }));
}

beforeAll(async () => {
  const feedId = await makeFeed('Kernel Notes');
  const feed = { id: feedId, slug: 'kernel-notes', firstGoodAt: new Date(0), feedTags: [] };
  const publishedAt = new Date(Date.UTC(2018, 5, 3));
  const post = makeDraft({
    title: 'On NUMA',
    url: 'https://a.example/numa',
    authors: [{ name: 'Ada Sample' }],
    categories: ['NUMA', 'C++'],
    publishedAt,
  });
  const other = makeDraft({ title: 'On Linux', categories: ['Linux'], publishedAt });
  const { inserted } = await savePosts(feed, [post, other], { now: new Date() });
  names.set('POST', String(inserted[0]));
  await makeOwner();
  site = await openSite();
  const { rows } = await dbPool().query<{ slug: string }>('SELECT slug FROM authors');
  names.set('AUTHOR', rows[0]?.slug ?? 'nobody');
});

const fill = (path: string) => path.replace(/\b[A-Z]{4,}\b/gu, (name) => names.get(name) ?? name);

describe('there is', () => {
  test.each<[path: string, type: string, content: string]>([
    ['/', HTML, 'On NUMA'],
    ['/?view=headlines', HTML, 'On NUMA'],
    ['/archive/2018/06', HTML, 'Posts of June 2018'],
    ['/tag/numa', HTML, 'Tag Archives: '],
    ['/tag/numa', HTML, 'Post Syndicated from'],
    ['/tag/numa/2018/06', HTML, 'June 2018'],
    ['/tag/c-plus-plus+numa', HTML, 'On NUMA'],
    ['/tag/numa~linux', HTML, 'On NUMA'],
    ['/tags', HTML, 'All tags'],
    ['/tags/by-size', HTML, 'Tags by number of posts'],
    ['/tags/new', HTML, 'New tags'],
    ['/tags/quiet', HTML, 'Tags that have gone quiet'],
    ['/tags/log', HTML, 'What was done to tags'],
    ['/sources', HTML, 'Kernel Notes'],
    ['/source/kernel-notes', HTML, 'On NUMA'],
    ['/source/kernel-notes/2018/06', HTML, 'June 2018'],
    ['/source/kernel-notes/fetching', HTML, 'How we fetch'],
    ['/source/kernel-notes/publisher', HTML, 'For the publisher of'],
    ['/author/AUTHOR', HTML, 'On NUMA'],
    ['/post/POST/on-numa', HTML, 'rel="canonical" href="https://a.example/numa"'],
    ['/search', HTML, 'Search'],
    ['/search?q=numa&tag=numa&source=kernel-notes&from=2018-01-01&to=2018-12-31', HTML, 'On NUMA'],
    ['/search/language', HTML, 'How to write a search or an alert'],
    ['/alerts', HTML, 'New alert'],
    ['/alerts?query=numa', HTML, 'numa'],
    ['/alerts/asked', HTML, 'Look into your mail'],
    ['/alerts/confirm/CONFIRM', HTML, 'numa'],
    ['/alerts/manage/OWNER', HTML, 'numa'],
    ['/alerts/manage/OWNER/history', HTML, 'ada@example.org'],
    ['/alerts/manage/OWNER/export.json', 'application/json; charset=utf-8', '"ada@example.org"'],
    ['/alerts/manage/OWNER/webhook/ALERT', HTML, 'numa'],
    ['/alerts/manage/OWNER/words/ALERT', HTML, 'numa'],
    ['/alerts/quiet/QUIET', HTML, 'ada@example.org'],
    ['/alerts/never/NEVER', HTML, 'ada@example.org'],
    ['/alerts/unsubscribe/STOP', HTML, 'numa'],
    ['/alerts/feed/FEED.xml', RSS, '<rss '],
    ['/alerts/feed/FEED.json', JSON_FEED, 'jsonfeed.org'],
    ['/about', HTML, 'About'],
    ['/bot', HTML, 'How our fetcher behaves'],
    ['/mute', HTML, 'What is muted'],
    ['/sources.opml', 'text/x-opml; charset=utf-8', 'Kernel Notes'],
    ['/tags/moved.json', 'application/json', '{'],
    ['/favicon.svg', 'image/svg+xml', 'prefers-color-scheme'],
    ['/sitemap.xml', 'application/xml; charset=utf-8', '<sitemapindex'],
    ['/sitemap/lists.xml', 'application/xml; charset=utf-8', '/tag/numa'],
    ['/sitemap/2018-06.xml', 'application/xml; charset=utf-8', '/archive/2018/06'],
    ['/robots.txt', TEXT, 'User-agent: *'],
    ['/opensearch.xml', 'application/opensearchdescription+xml; charset=utf-8', '{searchTerms}'],
    ['/healthz', 'application/json', 'ok'],
    ['/readyz', 'application/json', 'ok'],
    ['/metrics', 'text/plain; version=0.0.4; charset=utf-8', '# HELP'],
    ['/card/tag/numa.png', 'image/png', 'PNG'],
    ['/feed.css', 'text/css; charset=UTF-8', 'font-face'],
    ['/api/v1/openapi.json', 'application/json', '"3.1.0"'],
    ['/api/v1/posts', 'application/json', '"On NUMA"'],
    ['/api/v1/posts?author=AUTHOR&month=2018-06', 'application/json', '"On NUMA"'],
    ['/api/v1/posts?tag=c-plus-plus%2Bnuma', 'application/json', '"On NUMA"'],
    ['/api/v1/posts/POST', 'application/json', '"https://a.example/numa"'],
    ['/api/v1/tags?order=by-size', 'application/json', '"C++"'],
    ['/api/v1/tags/numa', 'application/json', '"months"'],
    ['/api/v1/sources', 'application/json', '"Kernel Notes"'],
    ['/api/v1/sources/kernel-notes', 'application/json', '"months"'],
    ['/api/v1/search?q=numa', 'application/json', '"passage"'],
  ])('%s, which is %s with “%s”', async (path, type, content) => {
    const answer = await site.get(fill(path), { redirect: 'manual' });
    const body = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
    expect(body.replaceAll('<!-- -->', '')).toContain(content);
    if ([RSS, ATOM, JSON_FEED].includes(type)) expectValidFeed(body, site.url + fill(path));
    const head = await site.get(fill(path), { method: 'HEAD', redirect: 'manual' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test.each(['', '/tag/numa', '/tag/c-plus-plus+numa', '/source/kernel-notes', '/author/AUTHOR'])(
    'a feed of the list %s, in each format, with validators',
    async (list) => {
      for (const [format, type] of [
        ['xml', RSS],
        ['atom', ATOM],
        ['json', JSON_FEED],
      ]) {
        const path = fill(`${list}/feed.${format}`);
        const answer = await site.get(path);
        expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
          path,
          200,
          type,
        ]);
        const text = await answer.text();
        expect(text).toContain('On NUMA');
        expectValidFeed(text, site.url + path);
        expect(answer.headers.get('cache-control')).toBe('public, max-age=0, must-revalidate');
        expect(answer.headers.get('last-modified')).not.toBeNull();
        const headers = { 'if-none-match': answer.headers.get('etag') ?? '' };
        expect((await site.get(path, { headers })).status).toBe(304);
      }
      const searched = '/search/feed.xml?q=numa';
      const search = await site.get(searched);
      expect([search.status, search.headers.get('content-type')]).toEqual([200, RSS]);
      expectValidFeed(await search.text(), site.url + searched);
    },
  );
});

describe('it is elsewhere:', () => {
  test.each([
    ['/tag/NUMA', '/tag/numa'],
    ['/tag/numa+c-plus-plus', '/tag/c-plus-plus+numa'],
    ['/tag/numa/feed', '/tag/numa/feed.xml'],
    ['/tag/numa/feed/', '/tag/numa/feed.xml'],
    ['/tag/numa/rss', '/tag/numa/feed.xml'],
    ['/feed/atom', '/feed.atom'],
    ['/tags/by-name', '/tags'],
    ['/post/POST', '/post/POST/on-numa'],
    ['/post/POST/another-title', '/post/POST/on-numa'],
    ['/api/v1/posts?tag=NUMA', '/api/v1/posts?tag=numa'],
    ['/api/v1/tags/NUMA', '/api/v1/tags/numa'],
  ])('%s leads to %s for good', async (path, target) => {
    const answer = await site.get(fill(path), { redirect: 'manual' });
    expect(answer.status).toBe(308);
    expect(answer.headers.get('location')?.replace(site.url, '')).toBe(fill(target));
  });
});

describe('the JSON API', () => {
  test('answers as it describes itself, to any origin, without the text of link-only sources', async () => {
    const read = async (path: string) => (await site.get(fill(`/api/v1${path}`))).json();
    const all = (await read('/openapi.json')) as Described;
    const asked: Record<string, string> = {
      '/posts': '/posts',
      '/posts/{id}': '/posts/POST',
      '/tags': '/tags',
      '/tags/{slug}': '/tags/numa',
      '/sources': '/sources',
      '/sources/{slug}': '/sources/kernel-notes',
      '/search': '/search?q=numa',
    };
    expect(Object.keys(asked)).toEqual(Object.keys(all.paths));
    for (const [path, { get }] of Object.entries(all.paths)) {
      const { schema } = get.responses[200].content['application/json'];
      expect([path, faultsOf(await read(asked[path] ?? ''), schema, all)]).toEqual([path, []]);
    }
    const { headers } = await site.get('/api/v1/posts');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('no-cache');
    await dbPool().query(`UPDATE feeds SET display = 'link'`);
    await transaction((tx) => writeCacheEvents(tx, [everythingTag()]));
    const shown = async () => {
      const { html, summary } = await read('/posts/POST');
      return [html, summary];
    };
    await expect.poll(shown, { timeout: 5000 }).toEqual([null, null]);
    expect((await read('/search?q=numa')).posts[0]).toMatchObject({ summary: null, passage: '' });
    await dbPool().query(`UPDATE feeds SET display = 'full'`);
    await transaction((tx) => writeCacheEvents(tx, [everythingTag()]));
    await expect.poll(shown, { timeout: 5000 }).not.toEqual([null, null]);
  });
});

describe('there is no', () => {
  test.each([
    ['/tag/nobody', 404, HTML],
    ['/tag/nobody/feed.xml', 404, PROBLEM],
    ['/source/nobody', 404, HTML],
    ['/author/nobody', 404, HTML],
    ['/archive/1999/01', 404, HTML],
    ['/post/999999/x', 404, HTML],
    ['/post/POST/on-numa/changes', 404, HTML], // it has not changed
    ['/sitemap/1999-01.xml', 404, undefined],
    ['/alerts/feed/nonsense.xml', 404, undefined],
    ['/alerts/manage/nonsense/export.json', 404, undefined],
    ['/websub/nonsense', 404, TEXT],
    ['/card/tag/nobody.png', 404, PROBLEM],
    ['/api/v1', 404, HTML],
    ['/api/v1/nothing', 404, PROBLEM],
    ['/api/v1/posts/999999', 404, PROBLEM],
    ['/api/v1/posts?tag=numa&source=kernel-notes', 400, PROBLEM],
    ['/api/v1/posts?before=x', 400, PROBLEM],
    ['/api/v1/posts?month=2018-13', 400, PROBLEM],
    ['/api/v1/posts?source=nobody', 404, PROBLEM],
    ['/api/v1/tags?order=odd', 400, PROBLEM],
    ['/api/v1/tags?page=2', 404, PROBLEM],
    ['/api/v1/tags/nobody', 404, PROBLEM],
    ['/api/v1/sources/nobody', 404, PROBLEM],
    ['/api/v1/search', 400, PROBLEM],
    ['/api/v1/search?q=tag:', 400, PROBLEM],
    ['/tag/a+b+c+d+e+f+g', 400, HTML],
    ['/admin', 401, undefined],
    ['/admin/feeds', 401, undefined],
    ['/admin/tags', 401, undefined],
    ['/admin/alerts', 401, undefined],
  ])('%s: %i', async (path, status, type) => {
    const answer = await site.get(fill(path));
    expect(answer.status).toBe(status);
    if (type !== undefined) expect(answer.headers.get('content-type')).toBe(type);
  });

  test('change by a GET: links in mails can be looked at', async () => {
    const look = async () => (await dbPool().query('SELECT status, cadence FROM alerts')).rows;
    const before = await look();
    for (const path of [
      'confirm/CONFIRM',
      'unsubscribe/STOP',
      'quiet/QUIET',
      'never/NEVER',
      'manage/OWNER?change=delete',
    ]) {
      expect((await site.get(fill(`/alerts/${path}`))).status).toBe(200);
    }
    expect(await look()).toEqual(before);
  });
});
