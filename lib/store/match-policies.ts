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
 * Alerts whose words a post has and that must be asked themselves: they have a policy, or a query
 * too long to stand at its anchors. What a policy needs of tags and sources is part of the query
 * and gives anchors (lib/commands/alerts.ts), so few are looked at here.
 */
const CANDIDATES = {
  name: 'match-policies',
  text: `
    SELECT a.id, a.policy FROM (
      SELECT DISTINCT alert_id FROM alert_anchors
      WHERE asks AND lexeme = ANY($2::text[]) AND since <= $3::timestamptz
        AND (rest IS NULL OR $1::tsvector @@ rest)
    ) AS anchored JOIN alerts a ON a.id = anchored.alert_id
    WHERE $1::tsvector @@ a.tsquery
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
 * Finds the alerts with a policy, or a very long query, that a post meets.
 * @param filtered is counted up: what kept posts back.
 * @returns their ids.
 */
export async function findPolicies(
  tx: Tx,
  { id, words, lexemes, createdAt }: MatchedPost,
  filtered: FilteredOut,
): Promise<number[]> {
  const values = [words, lexemes, createdAt, id];
  const { rows } = await tx.query<{ id: number; policy: string | null }>({ ...CANDIDATES, values });
  if (rows.length === 0) return [];
  const attributes = await readAttributes(tx, id);
  const met = rows.filter(({ policy: text }) => {
    if (text === null) return true;
    const policy = policyOf(text);
    const lack = policy === undefined ? 'invalid' : lackOf(policy, attributes);
    if (lack !== undefined) filtered[lack] += 1;
    return lack === undefined;
  });
  return met.map((row) => row.id);
}
