import { dbPool } from '../db.ts';
import type { Tombstone } from '../model/post.ts';
import type { Scope } from './list-ranges.ts';

/** Readers that ask less often than this keep what they have. */
const TOLD_DAYS = 30;
const TOLD_MAX = 100;

/** Whether the post p was in a list: a condition on $1, and what $1 is. */
function standsIn(scope: Scope): { own: string; value: unknown } {
  switch (scope.kind) {
    case 'latest':
      return { own: '$1::int IS NULL', value: null };
    case 'tag':
      return { own: bears('x.tag_id = $1'), value: scope.id };
    case 'tags': {
      const { with: plus, without } = scope.terms;
      const wanted = plus.map((_, i) => bears(`x.tag_id = ($1::int[])[${i + 1}]`));
      const unwanted = without.map(
        (_, i) => `NOT ${bears(`x.tag_id = ($1::int[])[${plus.length + i + 1}]`)}`,
      );
      return { own: [...wanted, ...unwanted].join(' AND '), value: [...plus, ...without] };
    }
    case 'source':
      return {
        own: 'EXISTS (SELECT FROM post_sources x WHERE x.post_id = p.id AND x.feed_id = $1)',
        value: scope.id,
      };
    case 'author':
      return {
        own: 'EXISTS (SELECT FROM post_authors x WHERE x.post_id = p.id AND x.author_id = $1)',
        value: scope.id,
      };
  }
}

const bears = (tag: string) => `EXISTS (SELECT FROM post_tags x WHERE x.post_id = p.id AND ${tag})`;

/** Posts that were in a list and have been withdrawn lately, the latest first. */
export async function listTombstones(scope: Scope, now: Date): Promise<Tombstone[]> {
  const since = new Date(now.getTime() - TOLD_DAYS * 24 * 60 * 60_000);
  const { own, value } = standsIn(scope);
  const { rows } = await dbPool().query<{ id: number; withdrawnAt: Date }>(
    `SELECT p.id, p.withdrawn_at AS "withdrawnAt" FROM posts p
     WHERE p.withdrawn_at >= $2 AND p.withdrawn_at IS NOT NULL AND p.merged_into IS NULL AND ${own}
     ORDER BY p.withdrawn_at DESC LIMIT ${TOLD_MAX}`,
    [value, since],
  );
  return rows.map((row) => ({ id: row.id, withdrawnAt: row.withdrawnAt.toISOString() }));
}
