import { ATTRIBUTES, type AttributesRow, toAttributes } from '../alerts/post-attributes.ts';
import type { Tx } from '../db.ts';
import { lackOf, type Shortfall } from '../model/policy/meets.ts';
import type { Attributes, Policy } from '../model/policy/policy.ts';
import { readPolicy } from '../model/policy/read-policy.ts';

/** Posts that had the words of an alert and were kept back by its policy, by what they lacked. */
export type FilteredOut = Record<Shortfall, number>;

/** A post that is matched: with all its lexemes, those of its tags' other names among them. */
interface MatchedPost {
  id: number;
  words: string;
  lexemes: string[];
  createdAt: Date;
}

/**
 * Alerts with a policy whose words a post has. What a policy needs of tags and sources is part of
 * the tsquery, and may be the anchor (lib/commands/alerts.ts), so few are looked at here.
 */
const CANDIDATES = {
  name: 'match-policies',
  text: `
    SELECT a.id, a.policy FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
    WHERE a.status = 'active' AND a.policy IS NOT NULL
      AND (a.anchor IS NULL OR a.anchor = ANY($2::text[])) AND $1::tsvector @@ a.tsquery
      AND a.confirmed_at <= $3::timestamptz AND s.status = 'confirmed'
      AND NOT EXISTS (SELECT FROM alert_matches m WHERE m.alert_id = a.id AND m.post_id = $4)`,
};

/** Policies as they were read: texts do not change, and many alerts may share one. */
const read = new Map<string, Policy | undefined>();
const READ_MAX = 2000;

function policyOf(text: string): Policy | undefined {
  if (read.has(text)) return read.get(text);
  if (read.size >= READ_MAX) read.clear();
  const outcome = readPolicy(text);
  const policy = outcome.kind === 'policy' ? outcome.policy : undefined;
  read.set(text, policy);
  return policy;
}

async function readAttributes(tx: Tx, postId: number): Promise<Attributes> {
  const values = [[postId]];
  const { rows } = await tx.query<AttributesRow>({ name: 'attributes', text: ATTRIBUTES, values });
  return rows[0] === undefined ? {} : toAttributes(rows[0]);
}

/**
 * Matches one post with the alerts that have a policy.
 * @param filtered is counted up: what kept posts back.
 * @returns how many it met for the first time.
 */
export async function matchPolicies(
  tx: Tx,
  { id, words, lexemes, createdAt }: MatchedPost,
  filtered: FilteredOut,
): Promise<number> {
  const values = [words, lexemes, createdAt, id];
  const { rows } = await tx.query<{ id: number; policy: string }>({ ...CANDIDATES, values });
  if (rows.length === 0) return 0;
  const attributes = await readAttributes(tx, id);
  const met = rows.filter(({ policy: text }) => {
    const policy = policyOf(text);
    const lack = policy === undefined ? 'invalid' : lackOf(policy, attributes);
    if (lack !== undefined) filtered[lack] += 1;
    return lack === undefined;
  });
  if (met.length === 0) return 0;
  const { rowCount } = await tx.query(
    `INSERT INTO alert_matches (alert_id, post_id) SELECT unnest($1::int[]), $2
     ON CONFLICT DO NOTHING`,
    [met.map((row) => row.id), id],
  );
  return rowCount ?? 0;
}
