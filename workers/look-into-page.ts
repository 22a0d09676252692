import { discoverOnPage, type Modified, pageOf } from '../lib/ingest/discover.ts';
import { log } from '../lib/log.ts';
import type { ClaimedFeed } from '../lib/model/feed.ts';
import { RETRY_AFTER_LONGEST_MS } from '../lib/model/fetch-policy.ts';
import { addExchange, type Exchange } from '../lib/model/fetching.ts';
import { moveFeed, type PollRecord } from '../lib/store/feed-claims.ts';
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
  const { status, isConditional } = fetched.exchange;
  const none = (message: string, record: PageRecord): PageOutcome => ({
    kind: 'none',
    message,
    record,
    exchange: { ...spent, status, isConditional },
  });
  switch (found.kind) {
    case 'none': {
      // A later look guesses no more: what the first one tried stays written.
      const isSaid = feed.errorKind === 'html-page';
      const error = { kind: 'html-page', ...(isSaid ? {} : { text: found.message }) };
      return none(found.message, { error, choices: [], ...restOf(found.retryAfterSeconds) });
    }
    case 'choice': {
      const text = `This is a web page that names ${found.feeds.length} feeds; the operator has yet to choose.`;
      return none(text, { error: { kind: 'several-feeds', text }, choices: found.feeds });
    }
    case 'feed': {
      if (!(await moveFeed(feed, found.url))) {
        const text = `This is a web page, and its feed, ${found.url}, is here already. This entry can go.`;
        return none(text, { status: 'paused', error: { kind: 'known-feed', text }, choices: [] });
      }
      log.info('feed.discovered', { feedId: feed.id, page: feed.url, url: found.url });
      return {
        kind: 'feed',
        feed: { ...feed, url: found.url, validators: {}, bodyHash: null },
        fetched: {
          ...found.fetched,
          exchange: { ...spent, status: found.fetched.exchange.status, isConditional: false },
        },
      };
    }
  }
}

/** A place that was tried answered with Retry-After: that holds for the site. */
function restOf(retryAfterSeconds: number | undefined): Pick<PageRecord, 'retryAfterUntil'> {
  if (retryAfterSeconds === undefined) return {};
  const ms = Math.min(retryAfterSeconds * 1000, RETRY_AFTER_LONGEST_MS);
  return { retryAfterUntil: new Date(Date.now() + ms) };
}
