import { db, dbPool } from '../db.ts';
import type { Enclosure } from '../model/feed.ts';
import type { PostPage, PostView, SourceName } from '../model/post.ts';
import { slugOf } from '../model/slug.ts';
import type { PostTag } from '../model/tag.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';

const PAGE_POSTS = 20;
/** Feeds carry every post of the last two days, so that a busy day is not lost to slow readers. */
const FEED_RECENT_HOURS = 48;
const FEED_POSTS_MAX = 100;

/** Which list: of everything, or of a tag, source or author by its id. */
export type Scope = { kind: 'latest' } | { kind: 'tag' | 'source' | 'author'; id: number };

/** A month in UTC, `month` from 1 to 12. */
export interface Month {
  year: number;
  month: number;
}

interface PostRow {
  id: number;
  title: string;
  url: string;
  canonicalUrl: string;
  byline: string;
  authors: { name: string; slug: string }[];
  source: SourceName;
  alsoIn: SourceName[];
  tags: PostTag[];
  publishedAt: Date | null;
  updatedAt: Date | null;
  sortAt: Date;
  createdAt: Date;
  changedAt: Date;
  revisedAt: Date | null;
  language: string | null;
  bodyHtml: string;
  summaryText: string;
  wordCount: number;
  enclosures: Enclosure[];
  pictureUrl: string | null;
  commentsUrl: string | null;
  licenceUrl: string | null;
  rights: string | null;
  version: number;
  formerTitle: string | null;
  display: PostView['display'];
}

const SOURCE = `json_build_object('slug', f.slug, 'title', coalesce(f.title_override, f.title),
                                  'siteUrl', f.site_url, 'feedUrl', f.url)`;

/** No more than its publisher wants shown (full, excerpt, link, in this order). */
const DISPLAY = 'greatest(f.display, f.owner_display)';
/** Its own terms hold, not those of its feed. */
const HAS_TERMS = '(p.licence_url IS NOT NULL OR p.rights IS NOT NULL)';

/** Everything that a list or page shows of posts, for the ids that `page` gives. */
const columns = (withBody: boolean) => `
  SELECT p.id, p.title, p.url, p.canonical_url AS "canonicalUrl", p.byline,
         p.published_at AS "publishedAt", p.updated_at AS "updatedAt", p.sort_at AS "sortAt",
         p.created_at AS "createdAt", p.changed_at AS "changedAt",
         CASE WHEN p.version > 1 THEN (SELECT max(v.ended_at) FROM post_versions v
                                       WHERE v.post_id = p.id) END AS "revisedAt", p.language, p.summary_text AS "summaryText",
         ${withBody ? `CASE WHEN ${DISPLAY} = 'full' THEN p.body_html ELSE '' END` : `''`} AS "bodyHtml",
         p.word_count AS "wordCount", p.enclosures, p.picture_url AS "pictureUrl",
         p.comments_url AS "commentsUrl", p.version, p.former_title AS "formerTitle",
         CASE WHEN ${HAS_TERMS} THEN p.licence_url ELSE f.licence_url END AS "licenceUrl",
         CASE WHEN ${HAS_TERMS} THEN p.rights ELSE f.rights END AS rights,
         ${DISPLAY} AS display, ${SOURCE} AS source,
         coalesce((SELECT json_agg(json_build_object('slug', t.slug, 'name', t.name,
                                                     'origin', pt.origin)
                                   ORDER BY pt.position, t.id)
                   FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND NOT t.hidden
                   WHERE pt.post_id = p.id), '[]') AS tags,
         coalesce((SELECT json_agg(json_build_object('slug', a.slug, 'name', a.name)
                                   ORDER BY pa.position)
                   FROM post_authors pa JOIN authors a ON a.id = pa.author_id
                   WHERE pa.post_id = p.id), '[]') AS authors,
         (SELECT coalesce(json_agg(o.source), '[]') FROM (
            SELECT DISTINCT ON (f.id) ${SOURCE} AS source
            FROM post_sources s JOIN feeds f ON f.id = s.feed_id
            WHERE s.post_id = p.id AND s.feed_id <> p.feed_id ORDER BY f.id) AS o) AS "alsoIn"
  FROM page JOIN posts p ON p.id = page.id JOIN feeds f ON f.id = p.feed_id
  WHERE p.withdrawn_at IS NULL
  ORDER BY p.sort_at DESC, p.id DESC`;

function toView({ createdAt, licenceUrl: url, rights: text, ...row }: PostRow): PostView {
  const terms = { ...(url === null ? {} : { url }), ...(text === null ? {} : { text }) };
  return {
    ...row,
    licence: url === null && text === null ? null : terms,
    slug: slugOf(row.title),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt?.toISOString() ?? null,
    sortAt: row.sortAt.toISOString(),
    firstSeenAt: createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
    revisedAt: row.revisedAt?.toISOString() ?? null,
  };
}

/**
 * The index range of a list: its table, id column and own condition on $1. Archives that came at
 * once are not among the newest posts of all, but in their months.
 */
export function rangeOf(scope: Scope, month?: Month): { table: string; id: string; own: string } {
  switch (scope.kind) {
    case 'latest': {
      const quiet = month === undefined ? 'AND NOT quiet' : '';
      return { table: 'posts', id: 'id', own: `withdrawn_at IS NULL ${quiet} AND $1::int IS NULL` };
    }
    case 'tag':
      return { table: 'post_tags', id: 'post_id', own: 'tag_id = $1' };
    case 'source':
      return { table: 'post_sources', id: 'post_id', own: 'feed_id = $1' };
    case 'author':
      return { table: 'post_authors', id: 'post_id', own: 'author_id = $1' };
  }
}

/** What `own` of a range compares with. */
export const scopeId = (scope: Scope) => (scope.kind === 'latest' ? null : scope.id);

/** Before any post that there can be. */
const START: Cursor = { sortAt: new Date('9999-01-01T00:00:00Z'), id: 2 ** 31 - 1 };

function monthRange(month: Month | undefined): [Date, Date] {
  if (month === undefined) return [new Date(0), START.sortAt];
  return [
    new Date(Date.UTC(month.year, month.month - 1, 1)),
    new Date(Date.UTC(month.year, month.month, 1)),
  ];
}

/**
 * One page of a list, newest first. A page is one range of an index: a deep one costs what the
 * first one does, and keeps its posts when newer ones arrive.
 * @param options.before a cursor of `older`; one that is none is an error of the caller.
 * @param options.withBody false leaves `bodyHtml` empty (headlines and excerpts do not show it).
 */
export async function listPosts(
  scope: Scope,
  options: { before?: string | undefined; month?: Month; withBody?: boolean } = {},
): Promise<PostPage> {
  const { table, id, own } = rangeOf(scope, options.month);
  const before = options.before === undefined ? START : readCursor(options.before);
  if (before === undefined) throw new Error(`"${options.before}" is no cursor`);
  const [from, to] = monthRange(options.month);
  // A feed may carry one post under two guids: its rows are neighbours in the range.
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS MATERIALIZED (
       SELECT DISTINCT sort_at, ${id} AS id FROM ${table}
       WHERE ${own} AND (sort_at, ${id}) < ($2::timestamptz, $3::int)
         AND sort_at >= $4 AND sort_at < $5
       ORDER BY sort_at DESC, ${id} DESC LIMIT $6)
     ${columns(options.withBody ?? true)}`,
    [scopeId(scope), before.sortAt, before.id, from, to, PAGE_POSTS + 1],
  );
  const posts = rows.slice(0, PAGE_POSTS);
  const last = posts.at(-1);
  const hasOlder = rows.length > PAGE_POSTS && last !== undefined;
  return { posts: posts.map(toView), older: hasOlder ? writeCursor(last) : null };
}

/**
 * The posts of a list's feed: the newest 20, and every post first seen in the last 48 hours that
 * was not backfill; at most 100.
 * @param month for the feed of a month instead: its newest posts, at most 100.
 */
export async function listForFeed(scope: Scope, now: Date, month?: Month): Promise<PostView[]> {
  if (month !== undefined) return listMonth(scope, month);
  const { table, id, own } = rangeOf(scope);
  const since = new Date(now.getTime() - FEED_RECENT_HOURS * 3_600_000);
  const { rows } = await dbPool().query<PostRow>(
    `WITH newest AS MATERIALIZED (
       SELECT DISTINCT sort_at, ${id} AS id FROM ${table} WHERE ${own}
       ORDER BY sort_at DESC, ${id} DESC LIMIT $2),
     page AS MATERIALIZED (
       (SELECT id FROM newest ORDER BY sort_at DESC, id DESC LIMIT $3)
       UNION
       (SELECT n.id FROM newest n JOIN posts p ON p.id = n.id
        WHERE p.created_at >= $4 AND NOT p.backfill))
     ${columns(true)}`,
    [scopeId(scope), FEED_POSTS_MAX, PAGE_POSTS, since],
  );
  return rows.map(toView);
}

async function listMonth(scope: Scope, month: Month): Promise<PostView[]> {
  const { table, id, own } = rangeOf(scope, month);
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS MATERIALIZED (
       SELECT DISTINCT sort_at, ${id} AS id FROM ${table}
       WHERE ${own} AND sort_at >= $3 AND sort_at < $4
       ORDER BY sort_at DESC, ${id} DESC LIMIT $2)
     ${columns(true)}`,
    [scopeId(scope), FEED_POSTS_MAX, ...monthRange(month)],
  );
  return rows.map(toView);
}

/** The posts that an alert has found, the latest found first, for its private feed. */
export async function listForAlert(alertId: number): Promise<PostView[]> {
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS MATERIALIZED (
       SELECT post_id AS id FROM alert_matches WHERE alert_id = $1
       ORDER BY post_id DESC LIMIT $2)
     ${columns(true)}`,
    [alertId, FEED_POSTS_MAX],
  );
  return rows.map(toView);
}

/** One post; undefined when there is none or it was withdrawn. */
export async function getPost(id: number): Promise<PostView | undefined> {
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS (SELECT $1::int AS id) ${columns(true)}`,
    [id],
  );
  return rows.map(toView)[0];
}

/** Posts by id, newest first, mostly without their bodies; withdrawn and unknown ones are left out. */
export async function getPosts(
  ids: number[],
  { withBody = false } = {},
): Promise<Map<number, PostView>> {
  if (ids.length === 0) return new Map();
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS (SELECT unnest($1::int[]) AS id) ${columns(withBody)}`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, toView(row)]));
}

/** What became of a post that is not shown: 410, or the post that it turned out to be. */
export async function findGone(
  id: number,
): Promise<{ kind: 'withdrawn' } | { kind: 'merged'; into: number } | undefined> {
  const post = await db().post.findUnique({
    where: { id },
    select: { withdrawnAt: true, mergedInto: true },
  });
  if (post === null || post.withdrawnAt === null) return undefined;
  return post.mergedInto === null
    ? { kind: 'withdrawn' }
    : { kind: 'merged', into: post.mergedInto };
}
