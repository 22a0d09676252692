import { createHash } from 'node:crypto';
import { describePolicy } from '../model/policy/describe-policy.ts';
import { requiredNames } from '../model/policy/meets.ts';
import type { Policy } from '../model/policy/policy.ts';
import { readPolicy } from '../model/policy/read-policy.ts';
import { parseQuery } from '../model/query/parse-query.ts';
import type { QueryTree } from '../model/query/tree.ts';

/** What an alert is to watch for, or what is wrong with it and where (UTF-16 units). */
export type AlertWords =
  | { kind: 'invalid'; field: 'query' | 'policy'; message: string; at: number }
  | {
      kind: 'words';
      /** The canonical form of both: two spellings of one wish are one alert. */
      queryKey: string;
      /** What every post that is looked at must have; it is met by all when nothing is known. */
      tree: QueryTree;
      policy?: { text: string; policy: Policy; described: string };
    };

/** No post has a tag of this name, so all posts are without it. */
const ANY_POST: QueryTree = {
  kind: 'not',
  part: { kind: 'field', name: 'tag', text: '', isPrefix: false },
};

/** The tags or sources that a policy needs, as a query: only posts with them are looked at. */
function treeOf(policy: Policy): QueryTree | undefined {
  const needed = requiredNames(policy);
  const parts = needed?.slugs.map(
    (text): QueryTree => ({ kind: 'field', name: needed.name, text, isPrefix: false }),
  );
  return parts !== undefined && parts.length > 1 ? { kind: 'or', parts } : parts?.[0];
}

/** A policy may be longer than a key of an index. */
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Reads what an alert is asked for with: words, a policy, or both, which must both be met. */
export function readAlertWords(query: string, policyText: string): AlertWords {
  const text = policyText.trim();
  const parsed = query === '' && text !== '' ? undefined : parseQuery(query);
  if (parsed?.kind === 'invalid') {
    return { kind: 'invalid', field: 'query', message: parsed.message, at: parsed.at };
  }
  if (parsed !== undefined && text === '') {
    return { kind: 'words', queryKey: parsed.key, tree: parsed.tree };
  }
  const read = readPolicy(text);
  if (read.kind === 'invalid') return { ...read, field: 'policy' };
  const parts = [parsed?.tree, treeOf(read.policy)].filter((part) => part !== undefined);
  return {
    kind: 'words',
    queryKey: `${parsed?.key ?? ''} ¶policy:${hashOf(read.key)}`,
    tree: parts.length > 1 ? { kind: 'and', parts } : (parts[0] ?? ANY_POST),
    policy: { text, policy: read.policy, described: describePolicy(read.policy) },
  };
}
