import { dbPool, type Tx } from '../db.ts';
import type { PostDraft } from '../model/post.ts';
import { type ItemFacts, isAnotherItem, pathOf } from '../model/same-item.ts';
import type { StoryWords } from '../model/same-story.ts';
import { PAIRED } from './locks.ts';

// What is stored already that items of a document may turn out to be.

/** Of a text, as much as decides whether two are alike. */
const TEXT_CHARACTERS = 2_000;

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
 * So many that two unrelated saves hardly ever wait for each other. What a transaction may hold of
 * them is bounded by the size of its part (lib/store/posts.ts): Postgres has room for some 6,000
 * locks in all.
 */
const STORY_LOCKS_MAX = 2 ** 20;

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
export interface Candidate extends StoryWords {
  id: number;
  canonicalUrl: string;
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

/** Posts looked at beside those with a draft's title; more, and the address is a page of many. */
const ADDRESS_CANDIDATES_MAX = 50;

/**
 * Stored posts that have an address in common with one of the drafts, oldest first: those with
 * their titles, and of the others the newest.
 */
export async function readByAddress(
  client: Pick<Tx, 'query'>,
  feedId: number,
  drafts: readonly PostDraft[],
): Promise<Candidate[]> {
  if (drafts.length === 0) return [];
  const { rows } = await client.query<Candidate>(
    `WITH d AS (
       SELECT DISTINCT url, lower(title) AS title FROM unnest($2::text[], $3::text[]) AS d (url, title)
     ), wanted AS (
       SELECT url, count(*) AS titles FROM d GROUP BY url
     ), ranked AS (
       SELECT p.id, w.titles,
              row_number() OVER (PARTITION BY w.url ORDER BY d.title IS NULL, p.id DESC) AS rank
       FROM wanted w JOIN posts p ON p.canonical_url = w.url
       LEFT JOIN d ON d.url = w.url AND d.title = lower(p.title)
       WHERE ${MAY_BE_JOINED})
     SELECT ${CANDIDATE}
     FROM ranked r JOIN posts p ON p.id = r.id WHERE r.rank <= $4 + r.titles ORDER BY p.id`,
    [
      feedId,
      drafts.map((draft) => draft.canonicalUrl),
      drafts.map((draft) => draft.title),
      ADDRESS_CANDIDATES_MAX,
    ],
  );
  return rows;
}

/** A story is looked for among those first seen in these last days; then bands are pruned. */
const NEAR_DAYS_MAX = 30;
/** Posts of a band that are looked at; more, and the text is a notice that stands in many. */
const BAND_CANDIDATES_MAX = 50;
/** Posts in all: the newest. Texts that are no notices share a band with hardly any. */
const NEAR_CANDIDATES_MAX = 1_000;

/**
 * Stored posts of other feeds whose texts share a band with one of the drafts.
 * @returns them by band.
 */
export async function readByText(
  client: Pick<Tx, 'query'>,
  feedId: number,
  drafts: readonly PostDraft[],
  now: Date,
): Promise<Map<number, Candidate[]>> {
  const bands = [...new Set(drafts.flatMap((draft) => draft.bands))];
  if (bands.length === 0) return new Map();
  const { rows } = await client.query<Candidate & { bands: string[] }>(
    `WITH met AS (
       SELECT b.post_id, array_agg(b.band) AS bands
       FROM unnest($2::bigint[]) AS wanted (band),
       -- The sum keeps the planner from walking all posts backwards in search of a band.
       LATERAL (SELECT band, post_id FROM post_bands
                WHERE band = wanted.band ORDER BY post_id + 0 DESC LIMIT $6) AS b
       GROUP BY b.post_id ORDER BY b.post_id DESC LIMIT $3)
     SELECT ${CANDIDATE}, met.bands::text[] AS bands
     FROM met JOIN posts p ON p.id = met.post_id
     WHERE ${MAY_BE_JOINED} AND p.created_at > $5::timestamptz - make_interval(days => $4) ORDER BY p.id`,
    [feedId, bands, NEAR_CANDIDATES_MAX, NEAR_DAYS_MAX, now, BAND_CANDIDATES_MAX],
  );
  const byBand = new Map<number, Candidate[]>();
  for (const { bands: shared, ...candidate } of rows) {
    if (candidate.isOwn) continue;
    for (const band of shared.map(Number)) {
      const there = byBand.get(band);
      if (there === undefined) byBand.set(band, [candidate]);
      else there.push(candidate);
    }
  }
  return byBand;
}

/** A source of a feed's post whose guid is not in the feed's document any more. */
export interface VanishedSource extends ItemFacts, KnownSource {}

const distinct = (texts: readonly string[]) => [...new Set(texts)];

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
  client: Pick<Tx, 'query'>,
  feedId: number,
  present: readonly string[],
  fresh: readonly PostDraft[],
): Promise<VanishedSource[]> {
  if (fresh.length === 0) return [];
  const { rows } = await client.query<VanishedSource>(
    `WITH recent AS MATERIALIZED (
       SELECT guid_hash, guid, url, post_id, draft_hash, sort_at FROM post_sources
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
            OR ${pathIn('r.guid')} = ANY($7) OR ${pathIn('r.url')} = ANY($7))
     ORDER BY r.sort_at DESC, r.post_id DESC`,
    [
      feedId,
      Math.max(VANISHED_MIN, VANISHED_PER_ITEM * present.length),
      present,
      distinct(fresh.map((draft) => draft.canonicalUrl)),
      distinct(fresh.map((draft) => draft.title.toLowerCase())),
      fresh.flatMap((draft) => draft.publishedAt ?? []),
      distinct(
        fresh.flatMap((draft) => [pathOf(draft.guid) ?? [], pathOf(draft.url) ?? []].flat()),
      ),
    ],
  );
  return rows;
}

/** Whether a guid of the feed stands for another item in these drafts than it did before. */
export async function hasReusedGuids(
  feedId: number,
  drafts: readonly PostDraft[],
): Promise<boolean> {
  const { rows } = await dbPool().query<ItemFacts & { guidHash: string }>(
    `SELECT s.guid_hash AS "guidHash", s.guid, s.url, p.canonical_url AS "canonicalUrl", p.title,
            left(p.body_text, ${TEXT_CHARACTERS}) AS text, p.published_at AS "publishedAt"
     FROM post_sources s JOIN posts p ON p.id = s.post_id
     WHERE s.feed_id = $1 AND s.guid_hash = ANY($2) AND s.draft_hash <> ALL($3)
       AND p.feed_id = $1 AND p.withdrawn_at IS NULL`,
    [feedId, drafts.map((draft) => draft.guidHash), drafts.map((draft) => draft.draftHash)],
  );
  const stored = new Map(rows.map((row) => [row.guidHash, row]));
  return drafts.some((draft) => {
    const before = stored.get(draft.guidHash);
    return before !== undefined && isAnotherItem(before, { ...draft, text: draft.bodyText });
  });
}

/** Forgets by which texts are found that are too old to be looked for. */
export async function pruneBands(): Promise<void> {
  await dbPool().query(
    `DELETE FROM post_bands b USING posts p
     WHERE p.id = b.post_id AND p.created_at < now() - make_interval(days => $1)`,
    [NEAR_DAYS_MAX + 1],
  );
}
