import { dbPool } from '../db.ts';
import { ARCHIVE_POSTS_MAX, type ArchivePart, partAround } from '../model/feed-archive.ts';
import type { PostView, Tombstone } from '../model/post.ts';
import { type OneList, rangeOf, scopeId } from './list-ranges.ts';
import { getPosts } from './posts.ts';

/** One document of a list's archive, and those beside it. */
export type ArchiveLookup =
  | {
      kind: 'part';
      /** Newest first, as in all feeds. */
      posts: PostView[];
      /** Posts of this part that were withdrawn, whenever. */
      tombstones: Tombstone[];
      older?: ArchivePart;
      newer?: ArchivePart;
    }
  /** It holds too many posts by now: readers go on with the newest part of it. */
  | { kind: 'divided'; into: ArchivePart }
  | { kind: 'none' };

/** Archives have what months have: also what is not among the newest posts of all. */
function membersOf(scope: OneList): { table: string; id: string; own: string } {
  if (scope.kind === 'latest') return { table: 'posts', id: 'id', own: '$1::int IS NULL' };
  return rangeOf(scope);
}

/** The next ids of a list from one on, this one included. */
async function listIds(
  scope: OneList,
  from: number,
  way: 'up' | 'down',
  limit: number,
): Promise<number[]> {
  const { table, id, own } = membersOf(scope);
  const [compare, order] = way === 'up' ? ['>=', 'ASC'] : ['<=', 'DESC'];
  const { rows } = await dbPool().query<{ id: number }>(
    `SELECT DISTINCT ${id} AS id FROM ${table} WHERE ${own} AND ${id} ${compare} $2::bigint
     ORDER BY ${id} ${order} LIMIT $3`,
    [scopeId(scope), from, limit],
  );
  return rows.map((row) => row.id);
}

async function findPart(
  scope: OneList,
  from: number,
  way: 'up' | 'down',
): Promise<ArchivePart | undefined> {
  const [id] = await listIds(scope, from, way, 1);
  if (id === undefined) return undefined;
  const below = await listIds(scope, id, 'down', ARCHIVE_POSTS_MAX + 1);
  const above = await listIds(scope, id, 'up', ARCHIVE_POSTS_MAX + 1);
  return partAround(id, [...below, ...above.slice(1)]);
}

const NEWEST_ID = 2 ** 31 - 1;

/** Where a list's archive begins for who has read its feed; undefined while it has no posts. */
export const findNewestPart = (scope: OneList): Promise<ArchivePart | undefined> =>
  findPart(scope, NEWEST_ID, 'down');

async function listWithdrawn(ids: readonly number[]): Promise<Tombstone[]> {
  const { rows } = await dbPool().query<{ id: number; withdrawnAt: Date }>(
    `SELECT id, withdrawn_at AS "withdrawnAt" FROM posts
     WHERE id = ANY($1) AND withdrawn_at IS NOT NULL AND merged_into IS NULL ORDER BY id DESC`,
    [ids],
  );
  return rows.map((row) => ({ id: row.id, withdrawnAt: row.withdrawnAt.toISOString() }));
}

/** A part of a list's archive, by its name. Costs the same for the oldest and the newest. */
export async function getArchivePart(scope: OneList, part: ArchivePart): Promise<ArchiveLookup> {
  const from = await listIds(scope, part.last, 'down', ARCHIVE_POSTS_MAX + 1);
  const ids = from.filter((id) => id >= part.first);
  const [newest] = ids;
  if (newest === undefined) return { kind: 'none' };
  if (ids.length > ARCHIVE_POSTS_MAX) {
    const into = await findPart(scope, newest, 'down');
    return into === undefined ? { kind: 'none' } : { kind: 'divided', into };
  }
  const shown = await getPosts(ids, { withBody: true });
  const older = part.first === 0 ? undefined : await findPart(scope, part.first - 1, 'down');
  const newer = await findPart(scope, part.last + 1, 'up');
  return {
    kind: 'part',
    posts: [...shown.values()],
    tombstones: await listWithdrawn(ids),
    ...(older ? { older } : {}),
    ...(newer ? { newer } : {}),
  };
}
