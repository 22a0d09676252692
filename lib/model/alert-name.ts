import { describePolicy } from './policy/describe-policy.ts';
import { readPolicy } from './policy/read-policy.ts';

/** What an alert is called on screen and in mails: its words, its policy in words, or both. */
export function nameAlert({ query, policy }: { query: string; policy: string | null }): string {
  const read = policy === null ? undefined : readPolicy(policy);
  if (read?.kind !== 'policy') return query;
  const described = describePolicy(read.policy);
  return query === ''
    ? `${described[0]?.toUpperCase()}${described.slice(1)}`
    : `${query}, of ${described}`;
}
