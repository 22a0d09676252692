import { isDeepStrictEqual } from 'node:util';
import { config } from '../config.ts';
import type { SameName } from '../model/search.ts';
import { indexClient, reach } from './client.ts';

/** Meilisearch works off its tasks in order: ours may wait for others. */
const TASK_MS_MAX = 60 * 60_000;

/**
 * Makes names that mean the same find each other. Changes nothing where they do already; a change
 * writes no document again.
 * @throws SearchUnavailable
 */
export async function applySynonyms(names: SameName[], uid = config().meiliIndex): Promise<void> {
  const index = indexClient()?.index(uid);
  if (index === undefined) return;
  const wanted = toSynonyms(names);
  if (isDeepStrictEqual({ ...(await reach(index.getSynonyms())) }, wanted)) return;
  const task = await reach(index.updateSynonyms(wanted).waitTask({ timeout: TASK_MS_MAX }));
  if (task.status !== 'succeeded') {
    throw new Error(`Meilisearch refused the synonyms: ${task.error?.message ?? task.status}`);
  }
}

/** Each name with all others that mean the same, in Meilisearch's words. */
function toSynonyms(names: SameName[]): Record<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const { name, alias } of names) {
    const known = groups.get(name.toLowerCase()) ?? new Set([name.toLowerCase()]);
    groups.set(name.toLowerCase(), known.add(alias.toLowerCase()));
  }
  const synonyms = new Map<string, Set<string>>();
  for (const group of groups.values()) {
    for (const word of group) {
      const others = [...group].filter((other) => other !== word);
      if (others.length > 0)
        synonyms.set(word, new Set([...(synonyms.get(word) ?? []), ...others]));
    }
  }
  return Object.fromEntries([...synonyms].map(([word, others]) => [word, [...others].sort()]));
}
