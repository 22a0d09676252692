import { readAlertWords } from '../alerts/alert-wish.ts';
import { compileQuery, hasWords, requiredParts } from '../alerts/compile-query.ts';
import { dbPool, type Tx, transaction } from '../db.ts';
import type { NearMiss, QuietAlert } from '../model/alert.ts';
import { nameAlert } from '../model/alert-name.ts';
import { parseQuery } from '../model/query/parse-query.ts';
import { type QueryTree, writeQuery } from '../model/query/tree.ts';
import { widerQueries } from '../model/query/wider.ts';
import { meantBy } from './did-you-mean.ts';
import { listQueryHits } from './hits.ts';
import { resolveFields } from './query-fields.ts';

/** Of one alert; more say the same again. */
const MISSES_MAX = 2;
const HITS_PER_MISS = 2;
/** Each is a search of its own. */
const WIDER_TRIED_MAX = 6;
/** Counting on would cost more than the number says. */
const POSTS_MAX = 1000;
/** Of one search: near misses are a courtesy. */
const SEARCH_MS_MAX = 1500;
/** Alerts of one mail whose near misses are looked for; the others are named. */
const ALERTS_LOOKED_MAX = 10;

const TIMEOUT = '57014';

/** A query that is nearly the alert's, and what posts of the other must not meet. */
interface Nearly {
  kind: NearMiss['kind'];
  tree: QueryTree;
  except: QueryTree | undefined;
}

/** Ids of posts since then that meet the one and not the other, newest first. */
async function findPosts(tx: Tx, { tree, except }: Nearly, since: Date): Promise<number[]> {
  const near = compileQuery(await resolveFields(tree), 2);
  const asked =
    except === undefined
      ? { sql: 'NULL::tsquery', values: [] }
      : compileQuery(await resolveFields(except), 2 + near.values.length);
  const { rows } = await tx.query<{ id: number }>(
    `WITH q AS MATERIALIZED (SELECT ${near.sql} AS near, ${asked.sql} AS asked)
     SELECT p.id FROM posts p, q
     WHERE ${hasWords('q.near')} AND p.words @@ q.near AND p.withdrawn_at IS NULL
       AND p.sort_at > $1 AND (q.asked IS NULL OR NOT p.words @@ q.asked)
     ORDER BY p.sort_at DESC, p.id DESC LIMIT ${POSTS_MAX}`,
    [since, ...near.values, ...asked.values],
  );
  return rows.map(({ id }) => id);
}

/** The misses of one query that are not told by one before it. */
async function readMiss(nearly: Nearly, since: Date, told: Set<number>) {
  return transaction(async (tx): Promise<NearMiss | undefined> => {
    await tx.query(`SET LOCAL statement_timeout = ${SEARCH_MS_MAX}`);
    const ids = (await findPosts(tx, nearly, since)).filter((id) => !told.has(id));
    if (ids.length === 0) return undefined;
    const marks = compileQuery(await resolveFields(nearly.tree), 2);
    const hits = await listQueryHits(ids.slice(0, HITS_PER_MISS), marks, tx);
    for (const id of ids) told.add(id);
    return { kind: nearly.kind, query: writeQuery(nearly.tree), posts: ids.length, hits };
  });
}

/** The queries that are nearly this one, the nearest first: what it leaves out, then less of it. */
function nearQueries(tree: QueryTree): Nearly[] {
  const required = requiredParts(tree);
  const isWhole = writeQuery(required) === writeQuery(tree);
  const excluded: Nearly[] = isWhole
    ? []
    : [{ kind: 'excluded', tree: flatten(required), except: tree }];
  const wider = widerQueries(tree).slice(0, WIDER_TRIED_MAX);
  return [
    ...excluded,
    ...wider.map((each): Nearly => ({ kind: 'wider', tree: each, except: tree })),
  ];
}

/** One part alone stands without its "and". */
const flatten = (tree: QueryTree): QueryTree =>
  tree.kind === 'and' && tree.parts.length === 1 && tree.parts[0] ? tree.parts[0] : tree;

/** Adds the misses of these queries to what was found, until they are enough. */
async function collect(
  queries: Nearly[],
  since: Date,
  found: NearMiss[],
  told: Set<number>,
): Promise<void> {
  for (const nearly of queries) {
    if (found.length >= MISSES_MAX) return;
    const miss = await readMiss(nearly, since, told);
    if (miss !== undefined) found.push(miss);
  }
}

/**
 * Posts since then that an alert has missed by a little: by what it leaves out, by its spelling, or
 * by a part that they do not have; those of an alert with a policy by the policy. What takes too
 * long is left out.
 */
async function readNearMisses(
  alert: { query: string; policy: string | null },
  since: Date,
): Promise<NearMiss[]> {
  const words = readAlertWords(alert.query, '');
  // A policy alone has no words that could be nearly met.
  if (words.kind === 'invalid') return [];
  const { tree } = words;
  const found: NearMiss[] = [];
  const told = new Set<number>();
  try {
    if (alert.policy !== null) {
      await collect([{ kind: 'filtered', tree, except: undefined }], since, found, told);
      return found;
    }
    await meantBy(writeQuery(tree), async (text) => {
      const parsed = parseQuery(text);
      if (parsed.kind !== 'query') return false;
      await collect([{ kind: 'near', tree: parsed.tree, except: tree }], since, found, told);
      return found.length > 0;
    });
    await collect(nearQueries(tree), since, found, told);
  } catch (error) {
    if ((error as { code?: string }).code !== TIMEOUT) throw error;
  }
  return found;
}

interface QuietRow {
  id: number;
  query: string;
  policy: string | null;
  since: Date;
  hasFound: boolean;
}

/**
 * The alerts that a mail of quiet ones is about, those that are quiet for longest first. What has
 * found something since it was written, or is not in force any more, is not among them.
 */
export async function listQuietAlerts(deliveryId: number): Promise<QuietAlert[]> {
  const { rows } = await dbPool().query<QuietRow>(
    `SELECT a.id, a.query, a.policy, greatest(a.confirmed_at, a.words_changed_at, heard.at) AS since,
            coalesce(heard.at >= coalesce(a.words_changed_at, '-infinity'), false) AS "hasFound"
     FROM deliveries d JOIN alerts a
       ON a.subscriber_id = d.subscriber_id AND a.id = ANY(d.about)
     LEFT JOIN LATERAL (SELECT m.matched_at AS at FROM alert_matches m WHERE m.alert_id = a.id
                        ORDER BY m.post_id DESC LIMIT 1) AS heard ON true
     WHERE d.id = $1 AND a.status = 'active' AND a.cadence <> 'feed'
       AND (heard.at IS NULL OR heard.at < d.created_at)
     ORDER BY since, a.id`,
    [deliveryId],
  );
  const alerts: QuietAlert[] = [];
  for (const [place, { id, query, policy, since, hasFound }] of rows.entries()) {
    alerts.push({
      id,
      name: nameAlert({ query, policy }),
      since: since.toISOString(),
      hasFound,
      misses: place < ALERTS_LOOKED_MAX ? await readNearMisses({ query, policy }, since) : [],
    });
  }
  return alerts;
}
