import { unreachable } from '../../lib/errors.ts';
import type { RobotsTexts } from '../../lib/fetch/robots.ts';
import { type FetchedPage, fetchPage } from '../../lib/ingest/fetch-page.ts';
import { readPage } from '../../lib/ingest/read-page.ts';
import { log } from '../../lib/log.ts';
import { REDIRECTS_MAX, RETRY_AFTER_LONGEST_MS } from '../../lib/model/fetch-policy.ts';
import { NOTHING_SPENT } from '../../lib/model/fetching.ts';
import { type ClaimedPage, PAGE_TRIES_MAX } from '../../lib/model/full-text.ts';
import { claimPage, releasePage } from '../../lib/store/full-text-queue.ts';
import { dropUnwanted, finishPage, type PageEnd } from '../../lib/store/full-texts.ts';
import { endTurn } from '../../lib/store/host-turns.ts';
import { type Next, runLanes } from '../lanes.ts';
import { countExchange, countPage } from '../metrics.ts';
import { pauseFor } from '../next-feed.ts';

/** Pages in flight in one worker. Each is of another host, or has waited for its turn. */
const PAGES_AT_ONCE_MAX = 4;
const MINUTE_MS = 60_000;
/** Pauses after the first, second … failure of a page; after the last one it is left. */
const RETRY_MS = [10, 60, 6 * 60, 24 * 60].map((minutes) => minutes * MINUTE_MS);

export interface ReadPagesOptions {
  signal?: AbortSignal | undefined;
  /** Remembers what hosts let us read; the process's own by default. */
  robots?: RobotsTexts;
}

async function nextPage(): Promise<Next<ClaimedPage>> {
  const next = await claimPage();
  if (next === undefined) return { kind: 'none' };
  return 'page' in next
    ? { kind: 'work', item: next.page }
    : { kind: 'wait', ms: pauseFor(next.ms) };
}

/** When a failure was, and what its server or robots.txt says of when to come again. */
type Pause = { now: Date } & Pick<
  Extract<FetchedPage, { kind: 'failed' }>,
  'retryAfterSeconds' | 'pauseMsMin'
>;

/** What follows from a failure: another try after a pause, or, after the last one, none. */
function afterFailure(
  page: ClaimedPage,
  message: string,
  { now, retryAfterSeconds, pauseMsMin = 0 }: Pause,
): PageEnd {
  const restMs =
    retryAfterSeconds === undefined
      ? undefined
      : Math.min(retryAfterSeconds * 1000, RETRY_AFTER_LONGEST_MS);
  const rest = restMs === undefined ? {} : { restUntil: new Date(now.getTime() + restMs) };
  const pauseMs = RETRY_MS[page.attempts - 1];
  const reason = 'failed';
  if (pauseMs === undefined) {
    return { kind: 'left', reason, message: `${message}, ${PAGE_TRIES_MAX} times`, ...rest };
  }
  const at = new Date(now.getTime() + Math.max(pauseMs, pauseMsMin, restMs ?? 0));
  return { kind: 'again', reason, message, at, ...rest };
}

async function endOf(page: ClaimedPage, fetched: FetchedPage, now: Date): Promise<PageEnd> {
  switch (fetched.kind) {
    case 'moved':
      return page.hops < REDIRECTS_MAX
        ? { kind: 'moved', url: fetched.url }
        : { kind: 'left', reason: 'failed', message: `more than ${REDIRECTS_MAX} redirects` };
    case 'refused':
      return { kind: 'left', reason: fetched.reason, message: fetched.message };
    case 'failed':
      return afterFailure(page, fetched.message, { now, ...fetched });
    case 'page': {
      const { body, contentType } = fetched;
      const reading = await readPage(body, { url: page.url, contentType, post: page.post });
      return reading.kind === 'text' ? reading : { ...reading, kind: 'left' };
    }
    default:
      return unreachable(fetched);
  }
}

/** What became of a page: fetches it, reads it, and gives it back with the end. */
async function readClaimed(page: ClaimedPage, { signal, robots }: ReadPagesOptions): Promise<void> {
  const { postId, feedId, url } = page;
  const fetched = await fetchUnlessBroken(page, { signal, robots });
  if (fetched.kind === 'failed' && signal?.aborted) return releasePage(page);
  countExchange('page', fetched.spent);
  // Its host has answered: reading takes no part of its turn. Where there is nothing to be read, a
  // wish for rest is written down first.
  if (fetched.kind === 'page') await endTurn(page);
  const now = new Date();
  const end = await endOf(page, fetched, now);
  const isKept = await finishPage(page, end, { spent: fetched.spent, now });
  const outcome = isKept ? end.kind : 'dropped';
  const why = 'reason' in end ? { reason: end.reason, message: end.message } : {};
  log.info('page.read', { postId, feedId, url, outcome, ...why });
  countPage(outcome);
}

/** A page that has ended so many workers is not given to another. */
async function fetchUnlessBroken(
  page: ClaimedPage,
  options: ReadPagesOptions,
): Promise<FetchedPage> {
  if (page.attempts <= PAGE_TRIES_MAX) return fetchPage(page.url, options);
  const message = `${PAGE_TRIES_MAX} workers have begun with it and not come back`;
  return { kind: 'refused', reason: 'failed', message, spent: NOTHING_SPENT };
}

/** Reads one page. After a failure of ours another worker takes it, when its lease has ended. */
async function readOne(page: ClaimedPage, options: ReadPagesOptions): Promise<void> {
  const { postId, feedId, url } = page;
  try {
    await readClaimed(page, options);
  } catch (error) {
    if (options.signal?.aborted && (error as Error).name === 'AbortError') {
      return await releasePage(page);
    }
    log.error('page.read_broken', { postId, feedId, url, error });
    countPage('broken');
  } finally {
    await endTurn(page);
  }
}

/**
 * Reads the pages that are due for the full text of their posts, a host at a time in its turns,
 * until there are none; before that it takes back what must not be shown any more. May run twice
 * and anywhere.
 */
export async function readPages(options: ReadPagesOptions = {}): Promise<void> {
  const { signal } = options;
  while (!signal?.aborted && (await dropUnwanted(new Date())) > 0);
  const work = (page: ClaimedPage) => readOne(page, options);
  await runLanes({ max: PAGES_AT_ONCE_MAX, next: nextPage, work, signal });
}
