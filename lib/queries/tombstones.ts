import { dbPool } from '../db.ts';
import type { Tombstone } from '../model/post.ts';
import type { Scope } from './posts.ts';

/** Readers that ask less often than this keep what they have. */
const TOLD_DAYS = 30;
const TOLD_MAX = 100;

const STANDS_IN: Record<Exclude<Scope['kind'], 'latest'>, string> = {
  tag: 'EXISTS (SELECT FROM post_tags x WHERE x.post_id = p.id AND x.tag_id = $1)',
  source: 'EXISTS (SELECT FROM post_sources x WHERE x.post_id = p.id AND x.feed_id = $1)',
  author: 'EXISTS (SELECT FROM post_authors x WHERE x.post_id = p.id AND x.author_id = $1)',
};

/** Posts that were in a list and have been withdrawn lately, the latest first. */
export async function listTombstones(scope: Scope, now: Date): Promise<Tombstone[]> {
  const since = new Date(now.getTime() - TOLD_DAYS * 24 * 60 * 60_000);
  const [own, id] =
    scope.kind === 'latest' ? ['$1::int IS NULL', null] : [STANDS_IN[scope.kind], scope.id];
  const { rows } = await dbPool().query<{ id: number; withdrawnAt: Date }>(
    `SELECT p.id, p.withdrawn_at AS "withdrawnAt" FROM posts p
     WHERE p.withdrawn_at >= $2 AND p.withdrawn_at IS NOT NULL AND p.merged_into IS NULL AND ${own}
     ORDER BY p.withdrawn_at DESC LIMIT ${TOLD_MAX}`,
    [id, since],
  );
  return rows.map((row) => ({ id: row.id, withdrawnAt: row.withdrawnAt.toISOString() }));
}
