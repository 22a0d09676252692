import { type Discovery, discoverOnPage, type Modified, pageOf } from '../lib/ingest/discover.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import { RETRY_AFTER_LONGEST_MS } from '../lib/model/fetch-policy.ts';
import { addExchange, type Exchange } from '../lib/model/fetching.ts';
import { moveFeed } from '../lib/store/feed-claims.ts';
import type { PollRecord } from '../lib/store/finish-poll.ts';
import { countExchange } from './metrics.ts';

/** What a row is told of the page at its address. */
type PageRecord = Pick<PollRecord, 'status' | 'error' | 'choices' | 'retryAfterUntil'>;

export type PageOutcome =
  /** The page's one feed is the row's from now on; this is its first answer. */
  | { kind: 'feed'; feed: ClaimedFeed; fetched: Modified }
  | { kind: 'none'; record: PageRecord; message: string; exchange: Exchange };

/** Kinds of error that a page has given before: the places that can be guessed have been tried. */
const LOOKED_INTO: ReadonlySet<string | null> = new Set(['html-page', 'several-feeds']);

/**
 * Looks for the feed of a page that stands at a feed's address: somebody gave the site's. The one
 * that is found takes the row's address; several are kept for the operator to choose from.
 * @throws AbortError when `signal` calls it off.
 */
export async function lookIntoPage(
  feed: ClaimedFeed,
  fetched: Modified,
  signal: AbortSignal | undefined,
): Promise<PageOutcome> {
  let spent = fetched.exchange;
  const tally = (exchange: Exchange) => {
    countExchange('discovery', exchange);
    spent = addExchange(spent, exchange);
  };
  const isFirstLook = !LOOKED_INTO.has(feed.errorKind);
  const found = await discoverOnPage(pageOf(feed.url, fetched), {
    signal,
    tally,
    guesses: isFirstLook,
  });
  const { status } = found.kind === 'feed' ? found.fetched.exchange : fetched.exchange;
  // Looks ask for the whole of what they find.
  const exchange = { ...spent, status, isConditional: false };
  if (found.kind === 'feed' && (await moveFeed(feed, found.url))) {
    log.info('feed.discovered', { feedId: feed.id, page: feed.url, url: found.url });
    const moved = { ...feed, url: found.url, validators: {}, bodyHash: null };
    return { kind: 'feed', feed: moved, fetched: { ...found.fetched, exchange } };
  }
  return { kind: 'none', ...explain(found, feed), exchange };
}

/** Why the row has no feed yet. A feed that was found is that of another row. */
function explain(found: Discovery, feed: ClaimedFeed): { message: string; record: PageRecord } {
  switch (found.kind) {
    case 'none': {
      const { message, retryAfterSeconds } = found;
      // A later look guesses no more: what the first one tried stays written.
      const isSaid = feed.errorKind === 'html-page';
      const error = { kind: 'html-page', ...(isSaid ? {} : { text: message }) };
      return { message, record: { error, choices: [], ...restOf(retryAfterSeconds) } };
    }
    case 'choice': {
      const { feeds } = found;
      const message = `This is a web page that names ${feeds.length} feeds; the operator has yet to choose.`;
      const error = { kind: 'several-feeds', text: message };
      return { message, record: { error, choices: feeds } };
    }
    case 'feed': {
      const message = `This is a web page, and its feed, ${found.url}, is here already. This entry can go.`;
      const error = { kind: 'known-feed', text: message };
      return { message, record: { status: 'paused', error, choices: [] } };
    }
  }
}

/** A place that was tried answered with Retry-After: that holds for the site. */
function restOf(retryAfterSeconds: number | undefined): Pick<PageRecord, 'retryAfterUntil'> {
  if (retryAfterSeconds === undefined) return {};
  const ms = Math.min(retryAfterSeconds * 1000, RETRY_AFTER_LONGEST_MS);
  return { retryAfterUntil: new Date(Date.now() + ms) };
}
