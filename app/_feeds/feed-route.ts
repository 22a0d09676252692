import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { type ArchivePart, writePart } from '../../lib/model/feed-archive.ts';
import {
  archivePath,
  FEED_FORMATS,
  type FeedFormat,
  type ListScope,
  listFeedPath,
  listPath,
  PART,
  SCOPES,
} from '../../lib/model/list-address.ts';
import { TAG_TERMS_MAX } from '../../lib/model/tag-algebra.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import { changedAt, type OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { readArchivePart } from '../_data/feed-archive.ts';
import { readFeedPosts } from '../_data/feed-posts.ts';
import { readSlug } from '../_data/slug.ts';
import { wordsFor } from './feed-words.ts';
import { problem } from './problem.ts';

const FORMATS: Record<FeedFormat, { type: string; render: (feed: OutgoingFeed) => string }> = {
  xml: { type: 'application/rss+xml; charset=utf-8', render: renderRss },
  atom: { type: 'application/atom+xml; charset=utf-8', render: renderAtom },
  json: { type: 'application/feed+json; charset=utf-8', render: renderJsonFeed },
};

/**
 * Asked anew each time, which costs a 304: no cache on the way gives what was withdrawn since, nor a
 * hub that was told of news what it had before.
 */
const CACHE_CONTROL = 'public, max-age=0, must-revalidate';

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
      'cache-control': CACHE_CONTROL,
      'last-modified': changedAt(feed).toUTCString(),
      // Readers that run in a browser may read it from anywhere.
      'access-control-allow-origin': '*',
      ...hubLinks(feed),
    },
  });
}

/** As an address has it: the signs between terms stand for themselves. */
const writeSlug = (slug: string) => encodeURIComponent(slug).replaceAll('%2B', '+');

/** A list as it was asked for, with its slug decoded. */
interface Asked {
  scope: ListScope;
  slug: string;
  /** YYYY-MM, or `all`. */
  month: string;
  format: FeedFormat;
}

function unknownFeed(scope: ListScope | undefined): Response {
  const all = scope === 'tag' ? 'tags' : 'sources';
  const what = `There is no ${scope === 'latest' ? 'month' : scope} with posts at this address.`;
  return problem(404, 'No such feed', `${what} ${config().siteUrl}/${all} has all ${all}.`);
}

const redirect = (path: string) =>
  new Response(null, { status: 308, headers: { location: config().siteUrl + path } });

async function answerList({ scope, slug, month, format }: Asked): Promise<Response> {
  const { siteUrl, websubHub } = config();
  const lookup = await readFeedPosts(scope, slug, month);
  const list = (of: string) => ({ scope, slug: of, month });
  switch (lookup.kind) {
    case 'unknown': {
      // Slugs are in lower case, as on the pages of lists.
      const lower = slug.toLowerCase();
      const known = lower !== slug && (await readFeedPosts(scope, lower, month));
      if (!known || known.kind === 'unknown') return unknownFeed(scope);
      const to = known.kind === 'moved' ? known.slug : writeSlug(lower);
      return redirect(listFeedPath(list(to), format));
    }
    case 'too-many':
      return problem(
        400,
        'Too many tags',
        `A list is made of at most ${TAG_TERMS_MAX} tags. Leave some out of its address.`,
      );
    case 'moved':
      return redirect(listFeedPath(list(lookup.slug), format));
    case 'posts': {
      const { newestPart } = lookup;
      const own = list(writeSlug(slug));
      const older = newestPart && archivePath(own, writePart(newestPart), format);
      // Our hub is told of lists, not of their months, nor of several tags together.
      const hasHub = websubHub !== undefined && month === 'all' && lookup.scope !== 'tags';
      const feed: OutgoingFeed = {
        ...wordsFor(scope, lookup.name, month),
        pageUrl: `${siteUrl}${listPath(own)}`,
        selfUrl: `${siteUrl}${listFeedPath(own, format)}`,
        siteUrl,
        ...(hasHub ? { hubUrl: websubHub } : {}),
        ...(older === undefined ? {} : { olderUrl: siteUrl + older }),
        posts: lookup.posts,
        tombstones: lookup.tombstones,
      };
      return feedResponse(feed, format);
    }
  }
}

/** One document of a list's archive (RFC 5005, section 4). */
async function answerArchive({ scope, slug, format }: Asked, part: string): Promise<Response> {
  const { siteUrl } = config();
  const lookup = await readArchivePart(scope, slug, part);
  const list = { scope, slug: writeSlug(slug), month: 'all' };
  const pathOf = (other: ArchivePart) => archivePath(list, writePart(other), format);
  switch (lookup.kind) {
    case 'none':
      return unknownFeed(scope);
    case 'moved':
      // Other posts are in the parts of the tag that it has become: readers begin anew.
      return redirect(listFeedPath({ ...list, slug: lookup.slug }, format));
    case 'divided':
      return redirect(pathOf(lookup.into));
    case 'part': {
      const { older, newer } = lookup;
      const feed: OutgoingFeed = {
        ...wordsFor(scope, lookup.name, 'all'),
        pageUrl: `${siteUrl}${listPath(list)}`,
        selfUrl: `${siteUrl}${archivePath(list, part, format)}`,
        currentUrl: `${siteUrl}${listFeedPath(list, format)}`,
        ...(older === undefined ? {} : { olderUrl: siteUrl + pathOf(older) }),
        ...(newer === undefined ? {} : { newerUrl: siteUrl + pathOf(newer) }),
        siteUrl,
        posts: lookup.posts,
        tombstones: lookup.tombstones,
      };
      return feedResponse(feed, format);
    }
  }
}

/** What the last part of a feed's inner address holds; lib/model/list-address.ts makes them. */
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
  const slug = scope === 'latest' ? '' : readSlug(given.slug);
  if (scope === undefined || format === undefined || slug === undefined) return unknownFeed(scope);
  const asked = { scope, slug, month, format };
  return month.startsWith(PART)
    ? answerArchive(asked, month.slice(PART.length))
    : answerList(asked);
}
