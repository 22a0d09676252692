import { dbPool, type Tx } from '../db.ts';
import type { PostDraft } from '../model/post.ts';
import { type ItemFacts, pathOf } from '../model/same-item.ts';
import { PAIRED } from './locks.ts';

// What is stored already that items of a document may turn out to be.

/** Of a text, as much as decides whether two are alike. */
const TEXT_CHARACTERS = 4_000;

export interface KnownSource {
  guidHash: string;
  postId: number;
  draftHash: string;
}

/** What is stored of these guids of a feed. */
export async function readSources(
  client: Pick<Tx, 'query'>,
  feedId: number,
  guidHashes: readonly string[],
): Promise<Map<string, KnownSource>> {
  const { rows } = await client.query<KnownSource>(
    `SELECT guid_hash AS "guidHash", post_id AS "postId", draft_hash AS "draftHash"
     FROM post_sources WHERE feed_id = $1 AND guid_hash = ANY($2)`,
    [feedId, guidHashes],
  );
  return new Map(rows.map((row) => [row.guidHash, row]));
}

/**
 * Stories share locks: Postgres has room for some 6,000 in all, and a first poll may bring 5,000
 * addresses; so six such polls may save at once.
 */
const STORY_LOCKS_MAX = 1024;

/**
 * Takes the locks under which a story with one of these addresses or texts may be made or joined,
 * in their order, so that no two transactions wait in a circle.
 */
export async function lockStories(tx: Tx, drafts: readonly PostDraft[]): Promise<void> {
  // One band is enough: texts that are nearly equal share most of them, and the rest is rare.
  const names = drafts.flatMap(({ canonicalUrl, bands }) => [
    canonicalUrl,
    ...bands.slice(0, 1).map(String),
  ]);
  await tx.query(
    `SELECT pg_advisory_xact_lock($2, bucket) FROM (
       SELECT DISTINCT (hashtextextended(name, 0) & ($3 - 1))::int AS bucket
       FROM unnest($1::text[]) AS name ORDER BY bucket) AS sorted`,
    [names, PAIRED.stories, STORY_LOCKS_MAX],
  );
}

/** A stored post that an item may be. */
export interface Candidate {
  id: number;
  canonicalUrl: string;
  title: string;
  text: string;
  /** What its feed gave of it, where `text` is the full text of its page. */
  excerpt: string | null;
  publishedAt: Date | null;
  /** This feed carried it already. */
  isOwn: boolean;
}

/** Whoever deletes a post may publish it anew; what the operator took back stays away. */
const MAY_BE_JOINED = `p.merged_into IS NULL AND p.withdrawn_by IS DISTINCT FROM 'publisher'`;

const CANDIDATE = `
  p.id, p.canonical_url AS "canonicalUrl", p.title, left(p.body_text, ${TEXT_CHARACTERS}) AS text,
  p.published_at AS "publishedAt",
  (SELECT left(x.excerpt_text, ${TEXT_CHARACTERS}) FROM full_texts x
   WHERE x.post_id = p.id AND x.is_shown) AS excerpt,
  EXISTS (SELECT FROM post_sources s WHERE s.post_id = p.id AND s.feed_id = $1) AS "isOwn"`;

/** Stored posts with one of these addresses, oldest first. */
export async function readByAddress(
  tx: Tx,
  feedId: number,
  canonicalUrls: readonly string[],
): Promise<Candidate[]> {
  const { rows } = await tx.query<Candidate>(
    `SELECT ${CANDIDATE}
     FROM (SELECT DISTINCT unnest($2::text[]) AS url) AS wanted
     JOIN posts p ON p.canonical_url = wanted.url WHERE ${MAY_BE_JOINED} ORDER BY p.id`,
    [feedId, canonicalUrls],
  );
  return rows;
}

/** A story is looked for among those first seen in these last days; then bands are pruned. */
const NEAR_DAYS_MAX = 30;
/** Posts that share a band; more, and the text is a notice that stands in many. */
const NEAR_CANDIDATES_MAX = 200;

/**
 * Stored posts of other feeds whose texts share a band with one of the drafts.
 * @returns them by band.
 */
export async function readByText(
  tx: Tx,
  feedId: number,
  bands: readonly number[],
  now: Date,
): Promise<Map<number, Candidate[]>> {
  if (bands.length === 0) return new Map();
  const { rows } = await tx.query<Candidate & { bands: string[] }>(
    `WITH met AS (
       SELECT post_id, array_agg(band) AS bands FROM post_bands
       WHERE band = ANY($2::bigint[]) GROUP BY post_id ORDER BY post_id DESC LIMIT $3)
     SELECT ${CANDIDATE}, met.bands::text[] AS bands
     FROM met JOIN posts p ON p.id = met.post_id
     WHERE ${MAY_BE_JOINED} AND p.created_at > $5::timestamptz - make_interval(days => $4) ORDER BY p.id`,
    [feedId, bands, Math.max(NEAR_CANDIDATES_MAX, bands.length), NEAR_DAYS_MAX, now],
  );
  const byBand = new Map<number, Candidate[]>();
  for (const { bands: shared, ...candidate } of rows) {
    if (candidate.isOwn) continue;
    for (const band of shared.map(Number)) {
      byBand.set(band, [...(byBand.get(band) ?? []), candidate]);
    }
  }
  return byBand;
}

/** A source of a feed's post whose guid is not in the feed's document any more. */
export interface VanishedSource extends ItemFacts, KnownSource {}

/** pathOf of lib/model/same-item.ts, in SQL. */
const pathIn = (column: string) =>
  `rtrim(regexp_replace(${column}, '^(https?:)?//[^/?#]*', '', 'i'), '/')`;

/** The newest sources looked at: a document holds the newest items. */
const VANISHED_MIN = 100;
const VANISHED_PER_ITEM = 3;

/**
 * Items that the feed had lately and its document no longer has, as far as one of `fresh` could be
 * one of them by address, title or time.
 */
export async function readVanished(
  tx: Tx,
  feedId: number,
  present: readonly string[],
  fresh: readonly PostDraft[],
): Promise<VanishedSource[]> {
  if (fresh.length === 0) return [];
  const { rows } = await tx.query<VanishedSource>(
    `WITH recent AS MATERIALIZED (
       SELECT guid_hash, guid, url, post_id, draft_hash FROM post_sources
       WHERE feed_id = $1 ORDER BY sort_at DESC, post_id DESC LIMIT $2)
     SELECT r.guid_hash AS "guidHash", r.guid, r.url, r.post_id AS "postId",
            r.draft_hash AS "draftHash", p.canonical_url AS "canonicalUrl", p.title,
            -- What the feed said of it, for the item is compared with what it says now.
            left(coalesce(x.excerpt_text, p.body_text), ${TEXT_CHARACTERS}) AS text,
            p.published_at AS "publishedAt"
     FROM recent r JOIN posts p ON p.id = r.post_id
     LEFT JOIN full_texts x ON x.post_id = p.id AND x.feed_id = $1
     WHERE r.guid_hash <> ALL($3)
       AND (p.canonical_url = ANY($4) OR lower(p.title) = ANY($5) OR p.published_at = ANY($6)
            OR ${pathIn('r.guid')} = ANY($7) OR ${pathIn('r.url')} = ANY($7))`,
    [
      feedId,
      Math.max(VANISHED_MIN, VANISHED_PER_ITEM * present.length),
      present,
      fresh.map((draft) => draft.canonicalUrl),
      fresh.map((draft) => draft.title.toLowerCase()),
      fresh.flatMap((draft) => draft.publishedAt ?? []),
      fresh.flatMap((draft) => [pathOf(draft.guid) ?? [], pathOf(draft.url) ?? []].flat()),
    ],
  );
  return rows;
}

/** Forgets by which texts are found that are too old to be looked for. */
export async function pruneBands(): Promise<void> {
  await dbPool().query(
    `DELETE FROM post_bands b USING posts p
     WHERE p.id = b.post_id AND p.created_at < now() - make_interval(days => $1)`,
    [NEAR_DAYS_MAX + 1],
  );
}
