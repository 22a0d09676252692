import { dbPool } from '../db.ts';
import { nearSlugs } from '../model/spelling.ts';
import type { TagChange, TagName, TagProposal } from '../model/tag.ts';

// What the operator's pages, the command line and the public log read of tags.

const LOG_PAGE_CHANGES = 50;

interface ChangeRow extends Omit<TagChange, 'from' | 'into' | 'at'> {
  fromSlug: string;
  fromName: string;
  intoSlug: string | null;
  intoName: string | null;
  createdAt: Date;
}

/** A keyset page of the log, the newest first; `older` is the cursor of the next, or null. */
export interface TagLogPage {
  changes: TagChange[];
  older: string | null;
}

/**
 * What was done to tags.
 * @param options.before the `older` of the page before.
 * @returns undefined for a cursor that is none.
 */
export async function listTagChanges(
  options: { before?: string | undefined; limit?: number } = {},
): Promise<TagLogPage | undefined> {
  const { before = String(2 ** 31 - 1), limit = LOG_PAGE_CHANGES } = options;
  if (!/^[1-9]\d{0,9}$/u.test(before) || Number(before) > 2 ** 31 - 1) return undefined;
  const { rows } = await dbPool().query<ChangeRow>(
    `SELECT id, kind, from_slug AS "fromSlug", from_name AS "fromName", into_slug AS "intoSlug",
            into_name AS "intoName", posts, by, reason, created_at AS "createdAt"
     FROM tag_changes WHERE id < $1 ORDER BY id DESC LIMIT $2`,
    [Number(before), limit + 1],
  );
  const changes = rows
    .slice(0, limit)
    .map(({ id, kind, posts, by, reason, fromSlug, fromName, intoSlug, intoName, createdAt }) => ({
      id,
      kind,
      from: { slug: fromSlug, name: fromName },
      into: intoSlug === null ? null : { slug: intoSlug, name: intoName ?? intoSlug },
      posts,
      by,
      reason,
      at: createdAt.toISOString(),
    }));
  const last = changes.at(-1);
  return { changes, older: rows.length > limit && last ? String(last.id) : null };
}

/** The open proposals, the best first, as far as both tags are still there. */
export async function listProposals(limit: number): Promise<TagProposal[]> {
  const { rows } = await dbPool().query<TagProposal>(
    `SELECT p.id, p.reason,
            json_build_object('slug', f.slug, 'name', f.name, 'posts', fp.posts) AS from,
            json_build_object('slug', i.slug, 'name', i.name, 'posts', ip.posts) AS into
     FROM tag_proposals p
     JOIN tags f ON f.slug = p.from_slug AND NOT f.hidden
     JOIN tags i ON i.slug = p.into_slug AND NOT i.hidden
     JOIN LATERAL (SELECT sum(m.posts)::int AS posts FROM tag_months m
                   WHERE m.tag_id = f.id) AS fp ON fp.posts > 0
     JOIN LATERAL (SELECT sum(m.posts)::int AS posts FROM tag_months m
                   WHERE m.tag_id = i.id) AS ip ON ip.posts > 0
     WHERE p.status = 'open' ORDER BY p.score DESC, p.id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** A tag as its operator sees it. */
export interface TagRow extends TagName {
  posts: number;
  hidden: boolean;
  /** Who decided last whether it is hidden; null: nobody did. */
  judgedBy: 'operator' | 'rule' | null;
  aliases: TagName[];
}

/** All tags that are shown, or all that are hidden, those with the most posts first. */
export async function listTagRows(options: { hidden: boolean; limit?: number }): Promise<TagRow[]> {
  const { rows } = await dbPool().query<TagRow>(
    `SELECT t.slug, t.name, coalesce(m.posts, 0) AS posts, t.hidden, t.judged_by AS "judgedBy",
            coalesce(a.aliases, '[]') AS aliases
     FROM tags t
     LEFT JOIN (SELECT tag_id, sum(posts)::int AS posts FROM tag_months GROUP BY tag_id) AS m
       ON m.tag_id = t.id
     LEFT JOIN (SELECT tag_id, json_agg(json_build_object(
                  'slug', slug, 'name', coalesce(nullif(name, ''), slug)) ORDER BY slug) AS aliases
                FROM tag_aliases GROUP BY tag_id) AS a ON a.tag_id = t.id
     WHERE t.hidden = $1 AND NOT EXISTS (SELECT FROM tag_aliases o WHERE o.slug = t.slug)
     ORDER BY posts DESC, t.slug LIMIT $2`,
    [options.hidden, options.limit ?? null],
  );
  return rows;
}

const NEAR_MAX = 3;

/** Tags and aliases whose names look like what was typed, the likeliest first. */
export async function listNearTags(slug: string): Promise<TagName[]> {
  const { rows } = await dbPool().query<TagName>(
    `SELECT slug, name FROM tags
     UNION SELECT slug, coalesce(nullif(name, ''), slug) FROM tag_aliases`,
  );
  return nearSlugs(slug, rows, NEAR_MAX);
}
