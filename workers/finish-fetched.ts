import { createHash } from 'node:crypto';
import { unreachable } from '../lib/errors.ts';
import type { Fetched } from '../lib/ingest/fetch-feed.ts';
import { settleMove } from '../lib/ingest/moves.ts';
import {
  freshSecondsOf,
  nextCheck,
  type Rhythm,
  retryAfterUntil,
  rhythmOf,
} from '../lib/ingest/next-check.ts';
import { log } from '../lib/log.ts';
import type {
  ClaimedFeed,
  FetchOutcome,
  PollHints,
  PollReport,
  Unreadable,
} from '../lib/model/feed.ts';
import { FULL_CHECK_MS } from '../lib/model/fetch-policy.ts';
import type { PollEntry } from '../lib/model/fetching.ts';
import { offerOf, type PushState } from '../lib/model/websub.ts';
import { nameFeed } from '../lib/store/feed-claims.ts';
import { finishPoll, type PollRecord } from '../lib/store/finish-poll.ts';
import { savePosts } from '../lib/store/posts.ts';
import { noteMissed } from '../lib/store/websub.ts';
import { lookIntoPage } from './look-into-page.ts';
import type { NetworkWatch } from './network-watch.ts';
import { followOwner } from './owner-lines.ts';
import { isGoneForGood, ourFault } from './poll-failures.ts';
import { readWhole } from './read-whole.ts';

/** What a poll came to, for its report. */
export type Result = Pick<PollReport, 'outcome' | 'inserted' | 'updated' | 'message' | 'title'>;
type Modified = Extract<Fetched, { kind: 'modified' }>;

/** What polls of one run have in common. */
interface Run {
  signal?: AbortSignal | undefined;
  watch?: NetworkWatch | undefined;
}

/** Whether the feed is to be asked without validators, as if for the first time. */
export function isFullCheckDue({ fullCheckAt }: ClaimedFeed): boolean {
  return fullCheckAt === null || Date.now() - fullCheckAt.getTime() >= FULL_CHECK_MS;
}

/** Gives the claim back with what was found. */
export async function finish(feed: ClaimedFeed, record: PollRecord): Promise<void> {
  if (await finishPoll(feed, record)) return;
  log.warn('feed.lease_lost', { feedId: feed.id, url: feed.url });
}

/** A result without posts, but for its outcome. */
export const nothing = (feed: ClaimedFeed) => ({ title: feed.title, inserted: 0, updated: 0 });

/** A poll's line in the feed's ledger. */
const entryOf = ({ exchange }: Fetched, outcome: PollEntry['outcome'], posts = 0): PollEntry => ({
  ...exchange,
  outcome,
  posts,
});

/** Failures of the way to a host, rather than of the host. */
const NETWORK_ERRORS: ReadonlySet<string> = new Set(['dns', 'timeout', 'connection']);

/**
 * Takes what a feed's server answered: reads it, saves its posts and gives the claim back with what
 * was found and the time of the next poll. Failures of the feed are part of the result.
 * @throws AbortError when the run's `signal` calls off what else was to be asked.
 */
export async function finishFetched(
  feed: ClaimedFeed,
  outcome: Fetched,
  run: Run,
): Promise<Result> {
  const { watch } = run;
  const now = new Date();
  const { errorCount } = feed;
  const next = (hints = feed.hints, rhythm: Rhythm = feed, push = feed.push) =>
    nextCheck({
      now,
      outcome,
      keptSeconds: feed.freshSeconds,
      hints,
      rhythm,
      push,
      errorCount,
      random: Math.random(),
    });
  const { host } = new URL(feed.url);
  const isUnreached = outcome.kind === 'failed' && NETWORK_ERRORS.has(outcome.error);
  if (!isUnreached) await watch?.answered(host);
  switch (outcome.kind) {
    case 'not-modified':
      await finish(feed, {
        next: next(),
        isGood: true,
        isFullCheck: isFullCheckDue(feed),
        validators: outcome.validators,
        freshSeconds: freshSecondsOf(outcome, feed.freshSeconds),
        entry: entryOf(outcome, 'unchanged'),
        ...settleMove(feed, outcome.movedTo, now),
      });
      return { ...nothing(feed), outcome: 'unchanged' };
    case 'modified':
      return readModified(feed, outcome, { now, next, run });
    case 'gone':
    case 'rate-limited':
    case 'failed': {
      const until = retryAfterUntil(outcome, now);
      const kind = outcome.kind === 'failed' ? outcome.error : outcome.kind;
      const { message } = outcome;
      const entry = entryOf(outcome, outcome.kind);
      const record: PollRecord = {
        next: next(),
        isGood: false,
        error: { kind, text: message },
        entry,
        ...(until ? { retryAfterUntil: until, restAskedBy: outcome.finalUrl } : {}),
        ...(kind === 'gone' && isGoneForGood(feed, now) ? { status: 'gone' } : {}),
      };
      if (isUnreached && watch) {
        await watch.failed(host, feed.lastGoodAt !== null, (outage) =>
          finish(feed, outage ? ourFault(message, entry, outage) : record),
        );
      } else {
        await finish(feed, record);
      }
      return { ...nothing(feed), outcome: outcome.kind, message };
    }
    default:
      return unreachable(outcome);
  }
}

type NextOf = (hints?: PollHints, rhythm?: Rhythm, push?: PushState | null) => PollRecord['next'];

async function readModified(
  feed: ClaimedFeed,
  fetched: Modified,
  { now, next, run }: { now: Date; next: NextOf; run: Run },
): Promise<Result> {
  const bodyHash = createHash('sha256').update(fetched.body).digest('hex');
  const good: PollRecord = {
    next: next(),
    isGood: true,
    isFullCheck: isFullCheckDue(feed),
    validators: fetched.validators,
    bodyHash,
    freshSeconds: fetched.freshSeconds,
    useWish: fetched.useWish,
    entry: entryOf(fetched, 'unchanged'),
    ...settleMove(feed, fetched.movedTo, now),
  };
  // For servers without validators: the same bytes need no reading.
  if (bodyHash === feed.bodyHash) {
    await finish(feed, good);
    return { ...nothing(feed), outcome: 'unchanged' };
  }
  const read = await readWhole(feed, fetched.body, {
    url: fetched.finalUrl,
    now,
    ...(fetched.contentType === undefined ? {} : { contentType: fetched.contentType }),
  });
  if (read.kind === 'unreadable') return finishUnreadable(feed, fetched, read, run);
  if (read.isCutOff) {
    // What is missing is to come with the next poll, which a validator would call unchanged.
    good.validators = {};
    delete good.bodyHash;
  }
  const isWhole = !read.isCutOff;
  const { link, description, language, licence } = read.channel;
  const title = read.channel.title || new URL(feed.url).host;
  const slug = feed.firstGoodAt === null ? await nameFeed(feed, title) : feed.slug;
  if (slug === undefined) {
    const message = 'another worker has taken this feed over, for this poll took too long';
    return { ...nothing(feed), outcome: 'failed', message };
  }
  const wanted = await followOwner(feed, slug, { ...read, isWhole }, now);
  if (wanted === undefined) {
    const message = 'its publisher wants it left out, says a line in the feed; its posts are gone';
    await finish(feed, { ...good, status: 'gone', entry: entryOf(fetched, 'read') });
    return { ...nothing(feed), outcome: 'gone', message };
  }
  const saved = await savePosts({ ...feed, slug }, wanted.drafts, {
    now,
    isWhole,
    deletedGuids: wanted.deletedGuids,
  });
  const { inserted, updated, withdrawn } = saved;
  const hints = read.channel.hints ?? {};
  const times = read.drafts.flatMap(({ publishedAt, updatedAt }) => publishedAt ?? updatedAt ?? []);
  const rhythm = rhythmOf(times, now);
  const hasChanged = inserted.length + updated.length > 0;
  const hasMissed = hasChanged && feed.push !== null && (await noteMissed(feed.id, now));
  await finish(feed, {
    ...good,
    next: next(hints, rhythm, hasMissed ? null : feed.push),
    pace: { hints, ...rhythm },
    offer: offerOf(fetched.links, read.channel),
    hasChanged: hasChanged || withdrawn.length > 0,
    entry: entryOf(fetched, 'read', inserted.length),
    channel: { title, link, description, language, licence },
    dividesGuids: read.hasDoubledGuids,
  });
  return {
    title,
    outcome: 'read',
    inserted: inserted.length,
    updated: updated.length,
  };
}

/** What was fetched is no feed. A page at the address of a feed that never was one has another. */
async function finishUnreadable(
  feed: ClaimedFeed,
  fetched: Modified,
  { reason, message }: Unreadable,
  run: Run,
): Promise<Result> {
  const isPage = reason === 'html-page' && feed.firstGoodAt === null;
  const page = isPage ? await lookIntoPage(feed, fetched, run.signal) : undefined;
  if (page?.kind === 'feed') return finishFetched(page.feed, page.fetched, run);
  const failed: FetchOutcome = { kind: 'failed', error: 'encoding', message };
  const { errorCount } = feed;
  await finish(feed, {
    next: nextCheck({ now: new Date(), outcome: failed, errorCount, random: Math.random() }),
    isGood: false,
    error: { kind: reason, text: message },
    ...page?.record,
    entry: { ...entryOf(fetched, 'failed'), ...page?.exchange },
  });
  return { ...nothing(feed), outcome: 'failed', message: page?.message ?? message };
}
