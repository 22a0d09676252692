import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import {
  FEED_FORMATS,
  type FeedFormat,
  type ListScope,
  listFeedPath,
  listPath,
  SCOPES,
} from '../../lib/model/list-address.ts';
import { TAG_TERMS_MAX } from '../../lib/model/tag-algebra.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import { changedAt, type OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { writeMonth } from '../_components/text.ts';
import { readFeedPosts } from '../_data/feed-posts.ts';
import { problem } from './problem.ts';

const FORMATS: Record<FeedFormat, { type: string; render: (feed: OutgoingFeed) => string }> = {
  xml: { type: 'application/rss+xml; charset=utf-8', render: renderRss },
  atom: { type: 'application/atom+xml; charset=utf-8', render: renderAtom },
  json: { type: 'application/feed+json; charset=utf-8', render: renderJsonFeed },
};

/** Short, so that a post taken back leaves other caches soon; asking again costs a 304. */
const CACHE_CONTROL = 'public, max-age=60';
/** A hub that was told of news must not be given what some cache on its way has kept. */
const TOLD_CACHE_CONTROL = 'public, max-age=0, must-revalidate';

/** What a hub's subscribers look for first (WebSub, section 4); headers hold ASCII only. */
function hubLinks({ hubUrl, selfUrl }: OutgoingFeed): Record<string, string> {
  if (hubUrl === undefined) return {};
  const [hub, self] = [hubUrl, selfUrl].map((url) => new URL(url).href);
  return { link: `<${hub}>; rel="hub", <${self}>; rel="self"` };
}

/** A feed in one format, with the headers that all our feeds have. */
export function feedResponse(feed: OutgoingFeed, format: FeedFormat): Response {
  const { type, render } = FORMATS[format];
  return new Response(render(feed), {
    headers: {
      'content-type': type,
      'cache-control': feed.hubUrl === undefined ? CACHE_CONTROL : TOLD_CACHE_CONTROL,
      'last-modified': changedAt(feed).toUTCString(),
      // Readers that run in a browser may read it from anywhere.
      'access-control-allow-origin': '*',
      ...hubLinks(feed),
    },
  });
}

/** Next gives the parameter as it was sent. */
function slugFrom(parameter: string): string | undefined {
  try {
    return decodeURIComponent(parameter).normalize('NFC');
  } catch {
    return undefined;
  }
}

/** As an address has it: the signs between terms stand for themselves. */
const writeSlug = (slug: string) => encodeURIComponent(slug).replaceAll('%2B', '+');

function wordsFor(
  list: ListScope,
  name: string,
  month: string,
): { title: string; description: string } {
  const { siteTitle } = config();
  const when = month === 'all' ? '' : `, ${writeMonth(month)}`;
  const title = list === 'latest' && when === '' ? siteTitle : `${name}${when} – ${siteTitle}`;
  switch (list) {
    case 'latest':
      return when === ''
        ? { title, description: `The newest posts of ${siteTitle}` }
        : {
            title: `Posts of ${writeMonth(month)} – ${siteTitle}`,
            description: `All posts${when}`,
          };
    case 'tag':
      return { title, description: `Posts tagged ${name}${when}` };
    case 'source':
      return { title, description: `Posts syndicated from ${name}${when}` };
    case 'author':
      return { title, description: `Posts by ${name}${when}` };
  }
}

export interface FeedParameters {
  scope: string;
  slug: string;
  month: string;
  format: string;
}

/**
 * A list's feed. Validators and 304 are lib/serve's, which holds the answer until one of the
 * posts' cache tags becomes stale.
 */
export async function answerFeed(given: FeedParameters): Promise<Response> {
  await connection();
  const { month } = given;
  const scope = SCOPES.find((each) => each === given.scope);
  const format = FEED_FORMATS.find((each) => each === given.format);
  const slug = scope === 'latest' ? '' : slugFrom(given.slug);
  const { siteUrl, websubHub } = config();
  const unknown = () => {
    const all = scope === 'tag' ? 'tags' : 'sources';
    const what = `There is no ${scope === 'latest' ? 'month' : scope} with posts at this address.`;
    return problem(404, 'No such feed', `${what} ${siteUrl}/${all} has all ${all}.`);
  };
  if (scope === undefined || format === undefined || slug === undefined) return unknown();
  const lookup = await readFeedPosts(scope, slug, month);
  const list = (of: string) => ({ scope, slug: of, month });
  const leadTo = (of: string) => {
    const location = `${siteUrl}${listFeedPath(list(of), format)}`;
    return new Response(null, { status: 308, headers: { location } });
  };
  switch (lookup.kind) {
    case 'unknown': {
      // Slugs are in lower case, as on the pages of lists.
      const lower = slug.toLowerCase();
      const known = lower !== slug && (await readFeedPosts(scope, lower, month));
      if (!known || known.kind === 'unknown') return unknown();
      return leadTo(known.kind === 'moved' ? known.slug : writeSlug(lower));
    }
    case 'too-many':
      return problem(
        400,
        'Too many tags',
        `A list is made of at most ${TAG_TERMS_MAX} tags. Leave some out of its address.`,
      );
    case 'moved':
      return leadTo(lookup.slug);
    case 'posts': {
      // Which lists of several tags a post came into, nobody keeps: our hub is not told of them.
      const hasHub = websubHub !== undefined && lookup.scope !== 'tags';
      const own = list(writeSlug(slug));
      return feedResponse(
        {
          ...wordsFor(scope, lookup.name, month),
          pageUrl: `${siteUrl}${listPath(own)}`,
          selfUrl: `${siteUrl}${listFeedPath(own, format)}`,
          siteUrl,
          ...(hasHub ? { hubUrl: websubHub } : {}),
          posts: lookup.posts,
          tombstones: lookup.tombstones,
        },
        format,
      );
    }
  }
}
