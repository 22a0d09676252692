import { dbPool, type Tx } from '../db.ts';
import type { TagOutcome } from '../model/tag.ts';
import { type Company, judgePair } from '../model/tag-company.ts';
import { type PairTag, pairKey, pairTags, type TagPair } from '../model/tag-pairs.ts';
import { logTagChanges } from './tag-changes.ts';
import { mergeTags } from './tag-governance.ts';
import { transactionAgain } from './transaction-again.ts';

/** Pairs whose company is looked up; those with the most posts, should there be more. */
const PAIRS_MAX = 2_000;
/** Nobody reads further. */
const PROPOSALS_MAX = 500;
/** The company of a tag is that of its newest posts: a whole tag is never read. */
const SAMPLE_POSTS = 50;
const NEIGHBOURS_MAX = 10;

async function readTags(): Promise<PairTag[]> {
  const { rows } = await dbPool().query<PairTag>(
    `SELECT t.id, t.slug, t.name, sum(m.posts)::int AS posts
     FROM tags t JOIN tag_months m ON m.tag_id = t.id
     WHERE NOT t.hidden AND NOT EXISTS (SELECT FROM tag_aliases a WHERE a.slug = t.slug)
     GROUP BY t.id`,
  );
  return rows;
}

async function readRejected(): Promise<Set<string>> {
  const { rows } = await dbPool().query<{ pair: string }>(
    `SELECT pair FROM tag_proposals WHERE status = 'rejected'`,
  );
  return new Set(rows.map(({ pair }) => pair));
}

/** A tag can go into one other only: the likeliest. */
function isFirstOfEach<T>(keyOf: (one: T) => string): (one: T) => boolean {
  const met = new Set<string>();
  return (one) => met.size < met.add(keyOf(one)).size;
}

/** Tags that stand most often beside these. */
async function readNeighbours(ids: number[]): Promise<Map<number, number[]>> {
  const { rows } = await dbPool().query<{ id: number; neighbours: number[] }>(
    `SELECT w.id, ARRAY(
       SELECT o.tag_id FROM (
         SELECT post_id FROM post_tags WHERE tag_id = w.id
         ORDER BY sort_at DESC, post_id DESC LIMIT ${SAMPLE_POSTS}) AS n
       JOIN post_tags o ON o.post_id = n.post_id AND o.tag_id <> w.id
       GROUP BY o.tag_id ORDER BY count(*) DESC, o.tag_id LIMIT ${NEIGHBOURS_MAX}) AS neighbours
     FROM unnest($1::int[]) AS w (id)`,
    [ids],
  );
  return new Map(rows.map(({ id, neighbours }) => [id, neighbours]));
}

async function readSources(ids: number[]): Promise<Map<number, Set<number>>> {
  const { rows } = await dbPool().query<{ id: number; feedId: number }>(
    `SELECT tag_id AS id, feed_id AS "feedId" FROM tag_sources WHERE tag_id = ANY($1)`,
    [ids],
  );
  const sources = new Map<number, Set<number>>();
  for (const { id, feedId } of rows) {
    sources.set(id, (sources.get(id) ?? new Set()).add(feedId));
  }
  return sources;
}

/** Pairs with the company that they keep. */
async function readCompany(pairs: TagPair[]): Promise<[TagPair, Company][]> {
  const ids = [...new Set(pairs.flatMap(({ from, into }) => [from.id, into.id]))];
  const [neighbours, sources] = await Promise.all([readNeighbours(ids), readSources(ids)]);
  return pairs.map((pair) => {
    const ofTag = (map: Map<number, Iterable<number>>, { id }: PairTag) =>
      new Set(map.get(id) ?? []);
    const [fromSources, intoSources] = [ofTag(sources, pair.from), ofTag(sources, pair.into)];
    const [fromNear, intoNear] = [ofTag(neighbours, pair.from), ofTag(neighbours, pair.into)];
    return [
      pair,
      {
        fromSources: fromSources.size,
        intoSources: intoSources.size,
        bothSources: fromSources.intersection(intoSources).size,
        fromNeighbours: fromNear.size,
        intoNeighbours: intoNear.size,
        sharedNeighbours: fromNear.intersection(intoNear).size,
      },
    ];
  });
}

interface Proposed {
  pair: string;
  from_slug: string;
  into_slug: string;
  reason: string;
  score: number;
}

/** Open ones become these; what was decided stays decided. */
async function writeProposals(tx: Tx, proposed: Proposed[]): Promise<number> {
  // Two workers that do it at once would write the same rows in turns.
  await tx.query('LOCK TABLE tag_proposals IN SHARE ROW EXCLUSIVE MODE');
  await tx.query(`DELETE FROM tag_proposals WHERE status = 'open' AND pair <> ALL($1)`, [
    proposed.map(({ pair }) => pair),
  ]);
  const { rowCount } = await tx.query(
    `INSERT INTO tag_proposals (pair, from_slug, into_slug, reason, score)
     SELECT pair, from_slug, into_slug, reason, score
     FROM jsonb_to_recordset($1)
          AS r (pair text, from_slug text, into_slug text, reason text, score real)
     ON CONFLICT (pair) DO UPDATE
       SET from_slug = excluded.from_slug, into_slug = excluded.into_slug,
           reason = excluded.reason, score = excluded.score, status = 'open', decided_at = NULL
       -- Split again after it was accepted: worth asking once more.
       WHERE tag_proposals.status <> 'rejected'`,
    [JSON.stringify(proposed)],
  );
  return rowCount ?? 0;
}

/**
 * Computes anew which merges to propose, over all tags that have posts. May run twice and
 * anywhere; a rejected pair is never proposed again.
 * @returns how many are open.
 */
export async function proposeMerges(): Promise<number> {
  const rejected = await readRejected();
  const pairs = pairTags(await readTags())
    .filter(({ from, into }) => !rejected.has(pairKey(from.slug, into.slug)))
    .sort((a, b) => b.from.posts - a.from.posts)
    .slice(0, PAIRS_MAX);
  const proposed = (await readCompany(pairs))
    .flatMap(([pair, company]): Proposed[] => {
      const judged = judgePair(pair, company);
      const [from, into] = [pair.from.slug, pair.into.slug];
      if (judged === undefined) return [];
      return [{ pair: pairKey(from, into), from_slug: from, into_slug: into, ...judged }];
    })
    .sort((a, b) => b.score - a.score)
    .filter(isFirstOfEach(({ from_slug }: Proposed) => from_slug))
    .slice(0, PROPOSALS_MAX);
  return transactionAgain((tx) => writeProposals(tx, proposed));
}

interface OpenProposal {
  fromSlug: string;
  intoSlug: string;
  reason: string;
}

async function readOpen(id: number): Promise<OpenProposal | undefined> {
  const { rows } = await dbPool().query<OpenProposal>(
    `SELECT from_slug AS "fromSlug", into_slug AS "intoSlug", reason FROM tag_proposals
     WHERE id = $1 AND status = 'open'`,
    [id],
  );
  return rows[0];
}

const decide = (
  tx: Tx | ReturnType<typeof dbPool>,
  id: number,
  status: 'accepted' | 'rejected',
  note: string | null,
) =>
  tx.query(
    `UPDATE tag_proposals SET status = $2, note = $3, decided_at = now()
     WHERE id = $1 AND status = 'open'`,
    [id, status, note],
  );

/** Merges what a proposal names. One that cannot be merged any more stays open. */
export async function acceptProposal(id: number): Promise<TagOutcome> {
  const proposal = await readOpen(id);
  if (proposal === undefined) return { kind: 'no-proposal', id };
  const { fromSlug, intoSlug, reason } = proposal;
  const outcome = await mergeTags(fromSlug, intoSlug, reason);
  if (outcome.kind === 'done') await decide(dbPool(), id, 'accepted', null);
  return outcome;
}

/** Closes a proposal for good: the pair is not proposed again. */
export async function rejectProposal(id: number, reason: string | null): Promise<TagOutcome> {
  return transactionAgain(async (tx) => {
    const { rows } = await tx.query<{
      from: string;
      into: string;
      fromName: string;
      intoName: string;
    }>(
      `SELECT p.from_slug AS from, p.into_slug AS into, coalesce(f.name, p.from_slug) AS "fromName",
              coalesce(i.name, p.into_slug) AS "intoName"
       FROM tag_proposals p LEFT JOIN tags f ON f.slug = p.from_slug
       LEFT JOIN tags i ON i.slug = p.into_slug
       WHERE p.id = $1 AND p.status = 'open' FOR UPDATE OF p`,
      [id],
    );
    const [row] = rows;
    if (row === undefined) return { kind: 'no-proposal', id };
    const from = { slug: row.from, name: row.fromName };
    const into = { slug: row.into, name: row.intoName };
    await decide(tx, id, 'rejected', reason);
    await logTagChanges(tx, [{ kind: 'keep', from, into, by: 'operator', reason }]);
    return { kind: 'done', change: 'keep', from, into, posts: 0 };
  });
}
