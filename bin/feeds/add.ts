import { TagwireError, unreachable } from '../../lib/errors.ts';
import { discoverFeed } from '../../lib/ingest/discover.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';
import type { NamedFeed } from '../../lib/model/feed.ts';
import { takeFeedOfPage } from '../../lib/store/feed-choices.ts';
import { addFeeds, findFeedByUrl } from '../../lib/store/feeds.ts';
import { refreshFeedCount } from '../../workers/feed-count.ts';
import { oneLine, plural } from '../terminal-text.ts';
import { acceptUrl, URL_NEXT } from './accept-url.ts';

export interface AddOptions {
  check: boolean;
  tag: string[];
  /** Which feed of a page, from 1. */
  choose?: number;
}

/** A feed that was fetched and read. */
interface Seen {
  url: string;
  title: string;
  posts: number;
}

function chosenOf(page: string, feeds: NamedFeed[], choose: number | undefined): NamedFeed {
  const chosen = choose === undefined ? undefined : feeds[choose - 1];
  if (chosen !== undefined) return chosen;
  const list = feeds.map(
    ({ url, title }, i) => `  ${i + 1}  ${url}${title ? `  ${oneLine(title)}` : ''}`,
  );
  throw new TagwireError(
    choose === undefined
      ? `${page} is a web page with ${feeds.length} feeds.`
      : `${page} has no feed ${choose}: it names ${plural(feeds.length, 'feed')}.`,
    `Give the address of the one you want, or its number with --choose:\n${list.join('\n')}`,
  );
}

/**
 * The feed at an address, or that of the page there, with what it holds.
 * @throws TagwireError when there is none, or several and none is chosen.
 */
async function findFeed(url: string, choose?: number): Promise<Seen> {
  const found = await discoverFeed(url);
  switch (found.kind) {
    case 'feed':
      return { url: acceptUrl(found.url), title: found.title, posts: found.posts };
    case 'choice':
      return findFeed(chosenOf(url, found.feeds, choose).url);
    case 'none':
      throw new TagwireError(
        `${url}: ${found.message}`,
        `${URL_NEXT}, or add it unseen with --no-check. A feed of your own network needs its ` +
          'range in FETCH_ALLOW.',
      );
    default:
      return unreachable(found);
  }
}

/** @throws TagwireError for a feed that its publisher has taken out of this site. */
async function refuseTakenOut(url: string): Promise<void> {
  const feed = await findFeedByUrl(url);
  if (feed?.ownerRemovedAt == null) return;
  throw new TagwireError(
    `The publisher of ${url} has taken it out (${feed.ownerRemovedAt.toISOString().slice(0, 10)}).`,
    `When its publisher has agreed to have it back: bin/tagwire feeds resume --owner-agreed ${url}`,
  );
}

/** Adds one feed. A row that waits for the choice of its page's feed gets that feed. */
async function addOne(text: string, { check, tag, choose }: AddOptions): Promise<string> {
  const given = acceptUrl(text);
  await refuseTakenOut(given);
  const seen = check ? await findFeed(given, choose) : undefined;
  const url = seen?.url ?? given;
  if (url !== given) await refuseTakenOut(url);
  const page = url === given ? undefined : await findFeedByUrl(given);
  const taken = page && (await takeFeedOfPage(page.id, url, { isAny: true }));
  const isNew =
    taken === undefined || taken === 'unknown'
      ? (await addFeeds([{ url, tags: tag }]))[0]?.isNew
      : taken === 'chosen';
  const what = seen ? `  "${oneLine(seen.title)}", ${plural(seen.posts, 'post')}` : '';
  return `${isNew ? 'added' : 'already there'}  ${url}${what}`;
}

/** Adds feeds by their addresses or those of their sites, a line for each. */
export async function addByAddress(urls: string[], options: AddOptions): Promise<void> {
  if (options.choose !== undefined && urls.length > 1) {
    throw new TagwireError('--choose is about one page.', 'Add the pages one by one.');
  }
  await refreshFeedCount();
  const failures: string[] = [];
  try {
    for (const text of urls) {
      try {
        console.log(await addOne(text, options));
      } catch (error) {
        // One bad address of several must not keep the others out.
        if (!(error instanceof TagwireError) || urls.length === 1) throw error;
        failures.push(text);
        process.stderr.write(`tagwire: ${error.message}\n`);
      }
    }
  } finally {
    await closeReadThreads();
  }
  if (failures.length > 0) {
    throw new TagwireError(`${failures.length} of ${urls.length} feeds were not added.`, URL_NEXT);
  }
}
