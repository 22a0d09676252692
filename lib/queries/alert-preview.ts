import { type AlertWords, readAlertWords } from '../alerts/alert-wish.ts';
import { compileQuery, hasWords, requiredParts } from '../alerts/compile-query.ts';
import { ATTRIBUTES, type AttributesRow, toAttributes } from '../alerts/post-attributes.ts';
import { type Tx, transaction } from '../db.ts';
import type { PreviewOutcome, Proposal } from '../model/alert.ts';
import { meets } from '../model/policy/meets.ts';
import type { Policy } from '../model/policy/policy.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { listQueryHits } from './hits.ts';
import { countWeeks, proposeExclusions, proposeNear, proposeWider } from './preview-proposals.ts';
import { resolveFields } from './query-fields.ts';

const PREVIEW_DAYS = 90;
const PREVIEW_HITS = 3;
/** More are many for a mailbox: what they have in common could be left out. */
const MANY_POSTS_PER_DAY = 2;
/** Looking at more would cost more than the number says; it is that of fewer days then. */
const PREVIEW_LOOKED_MAX = 1500;
const DAY_MS = 86_400_000;
/** As long as somebody waits who tries words out. */
const PREVIEW_MS_MAX = 1500;
/** Of a process; the other connections are for everybody's pages. */
const PREVIEWS_AT_ONCE_MAX = 3;

let previewsNow = 0;

/** Whether Postgres ended a statement because it took too long. */
const isTimeout = (error: unknown) => (error as { code?: string }).code === '57014';

/**
 * What a query would have found in the last PREVIEW_DAYS. Anybody may ask, and some queries read
 * every post, so that time and number are limited.
 */
export async function previewAlert(
  tree: QueryTree,
  now = new Date(),
  policy?: Policy,
): Promise<PreviewOutcome> {
  if (previewsNow >= PREVIEWS_AT_ONCE_MAX) return { kind: 'too-costly' };
  previewsNow += 1;
  try {
    return await transaction((tx) => readPreview(tx, tree, now, policy));
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { kind: 'too-costly' };
  } finally {
    previewsNow -= 1;
  }
}

/**
 * Posts of the last days that may match: the newest with the words, and the newest with anything
 * that begins as their stems do. Each is looked at as if it were matched with an alert.
 */
const candidates = (query: string, hasWord: string) => `
  (SELECT p.id, p.sort_at FROM posts p, q
   WHERE ${hasWord} AND p.words @@ q.${query} AND p.withdrawn_at IS NULL
     AND p.sort_at > $1::timestamptz - interval '${PREVIEW_DAYS} days'
   ORDER BY p.sort_at DESC, p.id DESC LIMIT ${PREVIEW_LOOKED_MAX})`;

interface PreviewRow {
  hasWord: boolean;
  /** Newest first. */
  met: number[];
  /** Since when all have been looked at that may match; null: since the beginning. */
  since: Date | null;
}

async function readPreview(
  tx: Tx,
  tree: QueryTree,
  now: Date,
  policy: Policy | undefined,
): Promise<PreviewOutcome> {
  // A policy may have no words at all, and then looks at every post.
  const hasWord = policy === undefined ? hasWords('q.asked') : 'true';
  await tx.query(`SET LOCAL statement_timeout = ${PREVIEW_MS_MAX}`);
  const resolved = await resolveFields(tree);
  const plain = compileQuery(resolved, 2);
  const asked = compileQuery(resolved, 2 + plain.values.length, { marksExact: true });
  const wideFrom = 2 + asked.values.length + plain.values.length;
  const wide = compileQuery(requiredParts(resolved), wideFrom, { isWide: true });
  const { rows } = await tx.query<PreviewRow>(
    `WITH q AS MATERIALIZED (
       SELECT ${asked.sql} AS asked, ${plain.sql} AS plain, ${wide.sql} AS wide
     ), plain AS MATERIALIZED ${candidates('plain', hasWord)}, wide AS MATERIALIZED ${candidates('wide', hasWord)},
     looked AS (
       SELECT nullif(max(since), '-infinity') AS since FROM (
         SELECT CASE WHEN count(*) = ${PREVIEW_LOOKED_MAX} THEN min(sort_at)
                     ELSE '-infinity' END AS since FROM plain
         UNION ALL
         SELECT CASE WHEN count(*) = ${PREVIEW_LOOKED_MAX} THEN min(sort_at)
                     ELSE '-infinity' END FROM wide) AS ends
     ), met AS MATERIALIZED (
       SELECT p.id, p.sort_at FROM (SELECT * FROM plain UNION SELECT * FROM wide) AS c
       JOIN posts p ON p.id = c.id, q, looked
       WHERE p.sort_at >= coalesce(looked.since, '-infinity')
         AND p.words || met_words(q.asked, p.words, p.language) @@ q.asked
     )
     SELECT ${hasWord} AS "hasWord",
            ARRAY(SELECT id FROM met ORDER BY sort_at DESC, id DESC) AS met,
            looked.since FROM q, looked`,
    [now, ...plain.values, ...asked.values, ...wide.values],
  );
  const found = rows[0];
  if (!found?.hasWord) return { kind: 'no-word' };
  const met = policy === undefined ? found.met : await keepMet(tx, found.met, policy);
  const latest = await listQueryHits(met.slice(0, PREVIEW_HITS), plain, tx);
  const days = found.since === null ? PREVIEW_DAYS : daysBetween(found.since, now);
  const weeks = await countWeeks(tx, met, now, days);
  const proposals = policy === undefined ? await propose(tx, tree, met, { now, days }) : [];
  return { kind: 'preview', preview: { days, posts: met.length, latest, weeks, proposals } };
}

/** What else may be meant: by words alone, a policy says what it means. */
async function propose(
  tx: Tx,
  tree: QueryTree,
  met: number[],
  { now, days }: { now: Date; days: number },
): Promise<Proposal[]> {
  if (met.length === 0) {
    const near = await proposeNear(tx, tree, now, PREVIEW_DAYS);
    return [...near, ...(await proposeWider(tx, tree, now, PREVIEW_DAYS))];
  }
  return met.length / days > MANY_POSTS_PER_DAY ? proposeExclusions(tx, tree, met) : [];
}

/** Those of the posts that a policy lets through, in their order. */
async function keepMet(tx: Tx, postIds: number[], policy: Policy): Promise<number[]> {
  const { rows } = await tx.query<AttributesRow>(ATTRIBUTES, [postIds]);
  const kept = new Set(rows.filter((row) => meets(policy, toAttributes(row))).map(({ id }) => id));
  return postIds.filter((id) => kept.has(id));
}

/** What a form asks for, and what it would have found; nothing where it cannot be read. */
export async function previewWords(
  query: string,
  policy: string,
): Promise<{ words: AlertWords; outcome?: PreviewOutcome }> {
  const words = readAlertWords(query, policy);
  if (words.kind === 'invalid') return { words };
  return { words, outcome: await previewAlert(words.tree, new Date(), words.policy?.policy) };
}

const daysBetween = (from: Date, to: Date) =>
  Math.max(1, Math.round((to.getTime() - from.getTime()) / DAY_MS));
