import { cacheLife, cacheTag } from 'next/cache';
import { readPart } from '../../lib/model/feed-archive.ts';
import type { ListScope } from '../../lib/model/list-address.ts';
import { type ArchiveLookup, getArchivePart } from '../../lib/queries/feed-archive.ts';
import { findList } from './feed-posts.ts';
import { LIFE, tagsOfList } from './lists.ts';

/** What an address of a document of a list's archive leads to. */
export type ArchivedLookup =
  | (ArchiveLookup & { name: string })
  /** `slug` as an address has it. */
  | { kind: 'moved'; slug: string }
  | { kind: 'none' };

/**
 * A part of a list's archive. It is stale when the list is, though it seldom changes: what is
 * withdrawn must leave it at once.
 */
export async function readArchivePart(
  list: ListScope,
  slug: string,
  part: string,
): Promise<ArchivedLookup> {
  'use cache';
  cacheTag(...tagsOfList(list, slug));
  cacheLife(LIFE);
  const asked = readPart(part);
  const found = await findList(list, slug);
  if (asked === undefined || found === undefined || found === 'too-many') return { kind: 'none' };
  if ('slug' in found) return { kind: 'moved', slug: found.slug };
  // Which lists of several tags there are, nobody keeps: they have no archive.
  if (found.scope.kind === 'tags') return { kind: 'none' };
  return { ...(await getArchivePart(found.scope, asked)), name: found.name };
}
