import { sourcesTag, sourceTag, wishTag } from '../cache-tags.ts';
import { transaction } from '../db.ts';
import type {
  CheckReason,
  ClaimedFeed,
  Licence,
  NamedFeed,
  PollHints,
  Validators,
} from '../model/feed.ts';
import type { PollEntry } from '../model/fetching.ts';
import type { UseWish } from '../model/use-wish.ts';
import { writeCacheEvents } from './cache-events.ts';
import { endOfTurn, endValues } from './host-turns.ts';
import { entryJson, writeEntrySql } from './ledger.ts';
import { tellOfPoll } from './notices.ts';
import { siteOf } from './site.ts';
import { restOfSite, restWithFeed } from './site-rests.ts';
import { settleSubscription } from './websub.ts';

// How a worker gives a feed back with what its poll found.

/** What a poll found out about its feed; unnamed fields stay as they are. */
export interface PollRecord {
  next: { at: Date; reason: CheckReason };
  status?: 'gone' | 'paused';
  validators?: Validators;
  bodyHash?: string;
  retryAfterUntil?: Date;
  /** Whose server asked for that, where redirects led elsewhere; the feed's own otherwise. */
  restAskedBy?: string | undefined;
  /** The feed answered well, also with "not modified". */
  isGood: boolean;
  /** It brought new or changed posts. */
  hasChanged?: boolean;
  /**
   * Without `text` the one before stays. `isOurs`: our own network was down, so it does not count
   * as a failure of the feed.
   */
  error?: { kind: string; text?: string; isOurs?: boolean };
  channel?: {
    title: string;
    link?: string | undefined;
    description?: string | undefined;
    language?: string | undefined;
    licence?: Licence | undefined;
  };
  /** The document gives several items one guid. */
  dividesGuids?: boolean;
  /** What the document says of itself: hints and rhythm, read anew. */
  pace?: { hints: PollHints; rhythmMinutes: number | null; newestAt: Date | null };
  /** What it names for WebSub, as far as we take it up; a null topic is its own address. */
  offer?: { hubs: string[]; topic: string | null };
  /** It answered without having been given validators. */
  isFullCheck?: boolean;
  /** Where permanent redirects lead now, and since when; null when there are none. */
  move?: { to: string; since: Date } | null;
  /** The feed's new address from now on. */
  newUrl?: string;
  /** How long a good answer keeps, as its server says. */
  freshSeconds?: number | undefined;
  /** What the whole document came with about use by robots; none in it takes back what was. */
  useWish?: UseWish;
  /** Feeds that the page at this address names; they go when the feed answers well. */
  choices?: NamedFeed[];
  /** What the poll came to on the wire; undefined when nothing was asked. */
  entry?: PollEntry;
}

/**
 * Ends a claim with what the poll found, and its turn, if that is not over.
 * @returns false when the lease had run out and another worker has the feed: nothing is written.
 */
export async function finishPoll(feed: ClaimedFeed, record: PollRecord): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<Current>(
      `SELECT slug, title, hubs,
              $3::jsonb IS NOT NULL AND use_wish IS DISTINCT FROM $3::jsonb AS "isOtherUse"
       FROM feeds WHERE id = $1 AND claim_token = $2 FOR UPDATE`,
      [feed.id, feed.claimToken, record.useWish ?? null],
    );
    const current = rows[0];
    if (current === undefined) return false;
    const found = JSON.stringify(foundBy(feed, record));
    const values = [feed.id, found, entryOf(record), ...endValues(feed)];
    // Prepared: planned anew, it would take longer for that than to run.
    await tx.query({ name: 'finish-poll', text: FINISH_SQL, values });
    await tellOfPoll(tx, feed, record);
    if (record.retryAfterUntil) {
      await restWithFeed(tx, feed, { until: record.retryAfterUntil, askedBy: record.restAskedBy });
    }
    const hubs = [...(current.hubs ?? []), ...(record.offer?.hubs ?? [])];
    if (hubs.length > 0) await settleSubscription(tx, feed.id, new Date());
    const isRenamed = record.channel !== undefined && record.channel.title !== current.title;
    const isFirst = record.isGood && feed.firstGoodAt === null;
    const isNews = isFirst || isRenamed || record.error !== undefined || feed.errorCount > 0;
    if (current.isOtherUse) await writeCacheEvents(tx, [wishTag(current.slug)]);
    if (isNews) await writeCacheEvents(tx, [sourcesTag(), sourceTag(current.slug)]);
    return true;
  });
}

interface Current {
  slug: string;
  title: string;
  hubs: string[] | null;
  /** The poll heard something else about use than what is stored. */
  isOtherUse: boolean;
}

/** Whether the server said that the feed is gone, or that it is there; null when it said neither. */
function saysGone({ error, isGood, entry }: PollRecord): boolean | null {
  if (error?.kind === 'gone') return true;
  return isGood || entry?.status === 200 ? false : null;
}

/** What of a poll is written to its feed: the columns of FOUND. Null means that it says nothing. */
function foundBy(feed: ClaimedFeed, record: PollRecord) {
  const { next, validators, error, channel, pace, move, offer, freshSeconds } = record;
  return {
    next_at: next.at,
    reason: next.reason,
    was_due_at: feed.nextCheckAt,
    rest_until: record.retryAfterUntil ?? null,
    status: record.status ?? null,
    has_validators: validators !== undefined,
    etag: validators?.etag ?? null,
    last_modified: validators?.lastModified ?? null,
    body_hash: record.bodyHash ?? null,
    is_good: record.isGood,
    has_changed: record.hasChanged ?? false,
    is_full: record.isFullCheck ?? false,
    error_kind: error?.kind ?? null,
    error_text: error?.text ?? null,
    is_ours: error?.isOurs ?? false,
    is_gone: saysGone(record),
    title: channel?.title ?? null,
    site_url: channel?.link ?? null,
    description: channel?.description ?? null,
    language: channel?.language ?? null,
    licence_url: channel?.licence?.url ?? null,
    rights: channel?.licence?.text ?? null,
    divides_guids: record.dividesGuids ?? false,
    hints: pace?.hints ?? null,
    rhythm_minutes: pace?.rhythmMinutes ?? null,
    newest_at: pace?.newestAt ?? null,
    has_move: move !== undefined,
    moved_to: move?.to ?? null,
    moved_since: move?.since ?? null,
    new_url: record.newUrl ?? null,
    site: siteOf(record.newUrl ?? feed.url),
    fresh_seconds: freshSeconds === undefined ? null : Math.min(Math.round(freshSeconds), INT_MAX),
    choices: record.choices ?? null,
    hubs: offer?.hubs ?? null,
    topic: offer?.topic ?? null,
    use_wish: record.useWish ?? null,
  };
}

const FOUND = `
  next_at timestamptz, reason text, was_due_at timestamptz, rest_until timestamptz,
  status "FeedStatus", has_validators boolean, etag text, last_modified text, body_hash text,
  is_good boolean, has_changed boolean, is_full boolean, error_kind text, error_text text,
  is_ours boolean, is_gone boolean, title text, site_url text, description text, language text, licence_url text,
  rights text, divides_guids boolean, hints jsonb, rhythm_minutes int, newest_at timestamptz,
  has_move boolean, moved_to text, moved_since timestamptz, new_url text, site text,
  fresh_seconds int, choices jsonb, hubs text[], topic text, use_wish jsonb`;

/**
 * Until when its server wants to be left alone: said now, or meanwhile to another feed; where it
 * moves to another site, also before.
 */
const REST = `coalesce(r.rest_until,
                       CASE WHEN f.retry_after_until > now() THEN f.retry_after_until END,
                       CASE WHEN r.site <> f.site THEN ${restOfSite('r.site')} END)`;
const IS_FAILURE = 'r.error_kind IS NOT NULL AND NOT r.is_ours';

/** Its turn ends with a claim at the latest, in the same statement. */
const FINISH_SQL = `
  WITH turn AS (${endOfTurn(4)}), finished AS (UPDATE feeds f SET
    claimed_until = NULL, claim_token = NULL, checked_at = now(),
    -- Somebody who asked for a poll meanwhile asked for another one than this.
    next_check_at = greatest(CASE WHEN f.next_check_at = r.was_due_at THEN r.next_at
                                  ELSE least(r.next_at, f.next_check_at) END, ${REST}),
    check_reason = r.reason, retry_after_until = ${REST},
    status = coalesce(r.status, f.status),
    etag = CASE WHEN r.has_validators THEN r.etag ELSE f.etag END,
    last_modified = CASE WHEN r.has_validators THEN r.last_modified ELSE f.last_modified END,
    body_hash = coalesce(r.body_hash, f.body_hash),
    first_good_at = CASE WHEN r.is_good THEN coalesce(f.first_good_at, now())
                         ELSE f.first_good_at END,
    last_good_at = CASE WHEN r.is_good THEN now() ELSE f.last_good_at END,
    changed_at = CASE WHEN r.has_changed THEN now() ELSE f.changed_at END,
    full_check_at = CASE WHEN r.is_full THEN now() ELSE f.full_check_at END,
    fresh_seconds = CASE WHEN r.is_good THEN r.fresh_seconds ELSE f.fresh_seconds END,
    error_count = CASE WHEN r.is_good THEN 0 ELSE f.error_count + (${IS_FAILURE})::int END,
    error_since = CASE WHEN r.is_good THEN NULL WHEN ${IS_FAILURE}
                       THEN coalesce(f.error_since, now()) ELSE f.error_since END,
    error_kind = CASE WHEN r.is_good THEN NULL ELSE coalesce(r.error_kind, f.error_kind) END,
    error_text = CASE WHEN r.is_good THEN NULL ELSE coalesce(r.error_text, f.error_text) END,
    gone_since = CASE r.is_gone WHEN true THEN coalesce(f.gone_since, now()) WHEN false THEN NULL
                                ELSE f.gone_since END,
    choices = CASE WHEN r.is_good THEN NULL ELSE coalesce(r.choices, f.choices) END,
    title = coalesce(r.title, f.title), site_url = coalesce(r.site_url, f.site_url),
    description = coalesce(r.description, f.description),
    language = coalesce(r.language, f.language),
    licence_url = CASE WHEN r.title IS NULL THEN f.licence_url ELSE r.licence_url END,
    rights = CASE WHEN r.title IS NULL THEN f.rights ELSE r.rights END,
    divides_guids = f.divides_guids OR r.divides_guids,
    hints = coalesce(r.hints, f.hints),
    rhythm_minutes = CASE WHEN r.hints IS NULL THEN f.rhythm_minutes ELSE r.rhythm_minutes END,
    newest_at = CASE WHEN r.hints IS NULL THEN f.newest_at ELSE r.newest_at END,
    moved_to = CASE WHEN r.has_move THEN r.moved_to ELSE f.moved_to END,
    moved_since = CASE WHEN r.has_move THEN r.moved_since ELSE f.moved_since END,
    hubs = coalesce(r.hubs, f.hubs),
    topic = CASE WHEN r.hubs IS NULL THEN f.topic ELSE r.topic END,
    use_wish = coalesce(r.use_wish, f.use_wish),
    site = r.site,
    url = CASE WHEN r.new_url IS NULL OR EXISTS (SELECT FROM feeds o WHERE o.url = r.new_url)
               THEN f.url ELSE r.new_url END,
    poll_number = f.poll_number + ($3::jsonb IS NOT NULL)::int
  FROM jsonb_to_record($2::jsonb) AS r (${FOUND})
  WHERE f.id = $1 RETURNING f.id, f.poll_number),
  ${writeEntrySql('$3')}`;

/** The poll's line in the ledger, as writeEntrySql takes it. */
function entryOf({ entry, error, retryAfterUntil }: PollRecord): string | null {
  if (entry === undefined) return null;
  return entryJson(entry, {
    errorKind: error?.kind ?? null,
    isFailure: error !== undefined && !error.isOurs,
    isRest: retryAfterUntil !== undefined,
  });
}

/** Of Postgres' integer: an Expires in the year 9999 is beyond it. */
const INT_MAX = 2 ** 31 - 1;
