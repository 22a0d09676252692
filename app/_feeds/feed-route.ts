import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import { changedAt, type OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { type FeedList, readFeedPosts } from '../_data/feed-posts.ts';
import { problem } from './problem.ts';

const FORMATS = {
  xml: { type: 'application/rss+xml; charset=utf-8', render: renderRss },
  atom: { type: 'application/atom+xml; charset=utf-8', render: renderAtom },
  json: { type: 'application/feed+json; charset=utf-8', render: renderJsonFeed },
};
export type FeedFormat = keyof typeof FORMATS;

/** Short, so that a post taken back leaves other caches soon; asking again costs a 304. */
const CACHE_CONTROL = 'public, max-age=60';

interface Context {
  /** Undefined for an address without parameters (Next 16.4). */
  params: Promise<{ slug?: string } | undefined>;
}

/** Next gives the parameter as it was sent. */
function slugFrom(parameter: string | undefined): string | undefined {
  try {
    return decodeURIComponent(parameter ?? '').normalize('NFC');
  } catch {
    return undefined;
  }
}

function wordsFor(list: FeedList, name: string): { title: string; description: string } {
  const { siteTitle } = config();
  switch (list) {
    case 'latest':
      return { title: siteTitle, description: `The newest posts of ${siteTitle}` };
    case 'tag':
      return { title: `${name} – ${siteTitle}`, description: `Posts tagged ${name}` };
    case 'source':
      return { title: `${name} – ${siteTitle}`, description: `Posts syndicated from ${name}` };
    case 'author':
      return { title: `${name} – ${siteTitle}`, description: `Posts by ${name}` };
  }
}

/**
 * The handler of a list's feed in one format. Validators and 304 are lib/serve's, which holds
 * the answer until one of the posts' cache tags becomes stale.
 */
export function feedRoute(list: FeedList, format: FeedFormat) {
  return async (_request: Request, context: Context): Promise<Response> => {
    await connection();
    const slug = slugFrom((await context.params)?.slug);
    const lookup =
      slug === undefined ? { kind: 'unknown' as const } : await readFeedPosts(list, slug);
    const { siteUrl } = config();
    const address = (of: string) => (list === 'latest' ? '' : `/${list}/${encodeURIComponent(of)}`);
    switch (lookup.kind) {
      case 'unknown': {
        const all = list === 'tag' ? 'tags' : 'sources';
        const next = `${siteUrl}/${all} has all ${all}.`;
        return problem(404, 'No such feed', `There is no ${list} at this address. ${next}`);
      }
      case 'moved': {
        const location = `${siteUrl}${address(lookup.slug)}/feed.${format}`;
        return new Response(null, { status: 308, headers: { location } });
      }
      case 'posts': {
        const feed: OutgoingFeed = {
          ...wordsFor(list, lookup.name),
          pageUrl: `${siteUrl}${address(slug ?? '') || '/'}`,
          selfUrl: `${siteUrl}${address(slug ?? '')}/feed.${format}`,
          siteUrl,
          posts: lookup.posts,
        };
        const { type, render } = FORMATS[format];
        return new Response(render(feed), {
          headers: {
            'content-type': type,
            'cache-control': CACHE_CONTROL,
            'last-modified': changedAt(feed).toUTCString(),
            // Readers that run in a browser may read it from anywhere.
            'access-control-allow-origin': '*',
          },
        });
      }
    }
  };
}
