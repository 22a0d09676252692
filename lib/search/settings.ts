import { isDeepStrictEqual } from 'node:util';
import { type Meilisearch, MeilisearchApiError, type Settings } from 'meilisearch';
import { SEARCH_HITS_MAX } from '../model/search.ts';
import { reach } from './client.ts';

/** New settings re-index everything, which takes minutes for a hundred thousand posts. */
const TASK_MS_MAX = 60 * 60_000;

/** How posts are searched. Applied whenever the index differs from it. */
const SETTINGS = {
  // In order of weight: a word in a title says more than one in a text.
  searchableAttributes: ['title', 'tags', 'authors', 'source', 'text'],
  filterableAttributes: ['tagSlugs', 'sourceSlug', 'authors', 'language', 'sortAt', 'year'],
  sortableAttributes: ['sortAt'],
  // `sort` first: who asks for the newest gets them in order of time, not of match.
  rankingRules: ['sort', 'words', 'typo', 'proximity', 'attribute', 'exactness', 'sortAt:desc'],
  typoTolerance: { enabled: true, minWordSizeForTypos: { oneTypo: 4, twoTypos: 9 } },
  // byAttribute would halve the CPU of indexing, but takes "far memory" for far … memory.
  proximityPrecision: 'byWord',
  // Texts about programming: `vector<int>` and `size=4` hold words. These are none by default.
  separatorTokens: ['<', '>', '=', '|', '\\', '^', '`'],
  // Words with signs in them, that would be a letter otherwise; compared before case is folded.
  // `.net` is none: it would no longer be found by `net core`.
  dictionary: ['c++', 'C++', 'c#', 'C#', 'f#', 'F#'],
  pagination: { maxTotalHits: SEARCH_HITS_MAX },
  faceting: { maxValuesPerFacet: 100 },
} satisfies Settings;

/**
 * Makes the index if there is none and brings its settings up to date. Changes nothing when they
 * are: a change of settings re-indexes every document.
 */
export async function applySettings(client: Meilisearch, uid: string): Promise<void> {
  await reach(makeIndex(client, uid));
  if (await areSettingsCurrent(client, uid)) return;
  const task = await reach(
    client.index(uid).updateSettings(SETTINGS).waitTask({ timeout: TASK_MS_MAX }),
  );
  if (task.status !== 'succeeded') {
    throw new Error(`Meilisearch refused the settings: ${task.error?.message ?? task.status}`);
  }
}

/** Whether an index that there is has these settings. */
export async function areSettingsCurrent(client: Meilisearch, uid: string): Promise<boolean> {
  const current = await reach(client.index(uid).getSettings());
  return Object.entries(SETTINGS).every(([name, wanted]) =>
    agrees(current[name as keyof Settings], wanted),
  );
}

/** Whether there is such an index. */
export async function isIndexThere(client: Meilisearch, uid: string): Promise<boolean> {
  try {
    await client.getRawIndex(uid);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Whether Meilisearch said that it has no such index. */
export function isNotFound(error: unknown): boolean {
  const cause = error instanceof MeilisearchApiError ? error.cause : undefined;
  return cause?.code === 'index_not_found';
}

async function makeIndex(client: Meilisearch, uid: string): Promise<void> {
  if (await isIndexThere(client, uid)) return;
  const task = await client.createIndex(uid, { primaryKey: 'id' }).waitTask();
  // Another worker may have been quicker.
  if (task.status === 'failed' && task.error?.code !== 'index_already_exists') {
    throw new Error(`Meilisearch made no index ${uid}: ${task.error?.message}`);
  }
}

/** Whether `current` says what `wanted` says; Meilisearch adds defaults and sorts some lists. */
function agrees(current: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted) && Array.isArray(current)) {
    return (
      isDeepStrictEqual(current, wanted) ||
      isDeepStrictEqual([...current].sort(), [...wanted].sort())
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return Object.entries(wanted).every(([name, value]) =>
      agrees((current as Record<string, unknown> | null | undefined)?.[name], value),
    );
  }
  return current === wanted;
}
