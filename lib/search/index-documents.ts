import type { EnqueuedTaskPromise, Task } from 'meilisearch';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import type { PostToIndex } from '../model/search.ts';
import { indexClient, reach, SearchUnavailable } from './client.ts';
import { toDocument } from './document.ts';
import { applySettings, areSettingsCurrent, isIndexThere } from './settings.ts';

/** Meilisearch works off its tasks in order: ours may wait for a change of settings. */
const TASK_MS_MAX = 60 * 60_000;

/** Meilisearch answered that it will not have these posts. Others may fare better. */
export class PostsRefused extends Error {
  override readonly name = 'PostsRefused';
}

/** Whether there is an index; undefined when search is switched off. */
export async function hasIndex(): Promise<boolean | undefined> {
  const client = indexClient();
  return client && (await reach(isIndexThere(client, config().meiliIndex)));
}

/**
 * Whether the index in use has the settings of this version. If not, one with them is to be filled
 * and swapped in: changed where it is, it would answer by halves for as long as that takes.
 */
export async function isIndexCurrent(): Promise<boolean> {
  const client = indexClient();
  return client === undefined || areSettingsCurrent(client, config().meiliIndex);
}

/** Makes the index ready for writing. False when search is switched off. */
export async function prepareIndex(uid = config().meiliIndex): Promise<boolean> {
  const client = indexClient();
  if (client === undefined) return false;
  await applySettings(client, uid);
  return true;
}

/**
 * Writes posts to the index and takes withdrawn ones out of it. When it returns they can be
 * found: Meilisearch's own task has been awaited and has succeeded.
 * @throws SearchUnavailable, or PostsRefused when a document cannot be indexed.
 */
export async function indexDocuments(
  posts: PostToIndex[],
  uid = config().meiliIndex,
): Promise<void> {
  const index = indexClient()?.index(uid);
  if (index === undefined) throw new Error('indexDocuments was called with search switched off');
  const withdrawn = posts.filter((post) => post.isWithdrawn).map((post) => post.id);
  const documents = posts.filter((post) => !post.isWithdrawn).map(toDocument);
  if (withdrawn.length > 0) await finish(index.deleteDocuments(withdrawn));
  if (documents.length === 0) return;
  try {
    await finish(index.addDocuments(documents, { primaryKey: 'id' }));
  } catch (error) {
    if (error instanceof SearchUnavailable) throw error;
    throw new PostsRefused(messageOf(error), { cause: error });
  }
}

/**
 * Takes posts out of the index whose rows are gone. Does nothing with search switched off, nor
 * where nothing has been indexed yet.
 */
export async function removeDocuments(ids: number[]): Promise<void> {
  const index = indexClient()?.index(config().meiliIndex);
  if (index === undefined || ids.length === 0) return;
  await finish(index.deleteDocuments(ids), 'index_not_found');
}

/** @param forgiven code of an error after which nothing is left to do. */
async function finish(enqueued: EnqueuedTaskPromise, forgiven?: string): Promise<Task> {
  const task = await reach(enqueued.waitTask({ timeout: TASK_MS_MAX, interval: 30 }));
  if (task.status !== 'succeeded' && (!forgiven || task.error?.code !== forgiven)) {
    throw new Error(`Meilisearch task ${task.uid} ${task.status}: ${task.error?.message}`);
  }
  return task;
}

/**
 * Puts a freshly filled index in the place of the one in use, in one step, and removes the old.
 */
export async function swapIndex(filled: string, inUse = config().meiliIndex): Promise<void> {
  const client = indexClient();
  if (client === undefined) throw new Error('swapIndex was called with search switched off');
  await finish(client.swapIndexes([{ indexes: [inUse, filled], rename: false }]));
  await finish(client.deleteIndex(filled));
}

/** Removes an index that a broken-off rebuild left. */
export async function dropIndex(uid: string): Promise<void> {
  const client = indexClient();
  if (client === undefined) return;
  const task = await reach(client.deleteIndex(uid).waitTask({ timeout: TASK_MS_MAX }));
  if (task.status === 'failed' && task.error?.code !== 'index_not_found') {
    throw new Error(`Meilisearch kept the index ${uid}: ${task.error?.message}`);
  }
}
