import { readPage } from './read-page.ts';
import type { Site } from './site.ts';

/** To which the dates of sample posts are counted back, so that months in addresses are known. */
export const SAMPLES_NOW = new Date('2025-06-15T12:00:00Z');

/** What a kind of page has beside its content. */
export interface PageKind {
  path: string;
  status: 200 | 400 | 404;
  heading: string | RegExp;
  /** Its canonical address: a path of the site or another site's; undefined for none. */
  canonical?: string;
  /** The list whose feeds it names, `''` being the newest posts. */
  feedOf?: string;
  /** What stands behind the addresses of these feeds. */
  feedQuery?: string;
}

/** One page of each kind on a site with the sample feeds. */
export async function samplePages(site: Site): Promise<PageKind[]> {
  const list = (path: string, heading: string, whole = path): PageKind => ({
    path,
    status: 200,
    heading,
    canonical: path,
    feedOf: whole === '/' ? '' : whole,
  });
  const only = (path: string, heading: string | RegExp, canonical?: string): PageKind => ({
    path,
    status: 200,
    heading,
    ...(canonical === undefined ? {} : { canonical }),
  });
  const found = (q: string, heading: string | RegExp): PageKind => ({
    ...only(`/search?q=${q}`, heading),
    feedOf: '/search',
    feedQuery: `?q=${q}`,
  });
  const { posts, hrefs } = readPage(await (await site.get('/source/slow-query')).text());
  const post = posts[0];
  const author = hrefs.find((href) => /^\/author\/marit-oxley/u.test(href));
  if (post === undefined || author === undefined) throw new Error('no post, or no author of one');
  const encoded = encodeURIComponent('сети');
  return [
    list('/', 'Newest posts'),
    { ...list('/?view=headlines', 'Newest posts', '/'), canonical: '/' },
    { ...list('/?view=excerpts', 'Newest posts', '/'), canonical: '/' },
    list('/archive/2025/06', 'Posts of June 2025'),
    list('/tag/testing', 'Tag Archives: Testing'),
    list(`/tag/${encoded}`, 'Tag Archives: Сети'),
    list('/tag/testing/2025/06', 'Tag Archives: Testing, June 2025'),
    list('/tag/postgres+testing', 'Tag Archives: Postgres and Testing'),
    list('/tag/databases+postgres', 'Tag Archives: Databases and Postgres'),
    list('/tag/postgres~databases', 'Tag Archives: Postgres, not Databases'),
    { path: '/tag/a+b+c+d+e+f+g', status: 400, heading: 'Too many tags at once' },
    list('/source/slow-query', 'Slow Query'),
    list(`/source/${encodeURIComponent('実装ノート')}`, '実装ノート'),
    list(author, 'Marit Oxley'),
    only('/tags', 'All tags', '/tags'),
    only('/tags/by-size', 'Tags by number of posts', '/tags/by-size'),
    only('/tags/new', 'New tags', '/tags/new'),
    only('/tags/quiet', 'Tags that have gone quiet', '/tags/quiet'),
    only('/tags/log', 'What was done to tags', '/tags/log'),
    only('/sources', 'All sources', '/sources'),
    only('/about', /^About /u, '/about'),
    only('/bot', 'How our fetcher behaves', '/bot'),
    only('/mute', 'What is muted'),
    only('/source/slow-query/fetching', 'How we fetch Slow Query', '/source/slow-query/fetching'),
    only(
      '/source/slow-query/publisher',
      'For the publisher of Slow Query',
      '/source/slow-query/publisher',
    ),
    only(post.path, post.title, post.original),
    only('/search', 'Search'),
    found('timestmap', /posts? with words like timestmap$/u),
    found('nosuchwordatall', 'No posts with nosuchwordatall'),
    only('/search?from=yesterday', 'This cannot be searched'),
    only('/search?q=kernel+after:soon', 'This cannot be searched'),
    found('timestamp+OR+kernel', /posts with timestamp OR kernel$/u),
    { ...found('nosuchword+(', /^No posts with nosuchword/u), feedQuery: '?q=nosuchword+%28' },
    only('/search/language', 'How to write a search or an alert'),
    only('/alerts', 'New alert'),
    only('/alerts?query=kernel+OR+timestamp', 'New alert'),
    only('/alerts?query=%22', 'New alert'),
    only('/alerts/asked', 'Look into your mail'),
    { ...only('/alerts/confirm/1.confirm.1.nothing', 'This link does not work'), status: 404 },
    ...[
      '/tag/no-such-tag',
      '/no-such-page',
      '/post/999999/none',
      '/source/none',
      '/post/999999/none/changes',
      '/source/none/fetching',
      '/source/none/publisher',
    ].map((path): PageKind => ({ path, status: 404, heading: 'Nothing at this address' })),
  ];
}
