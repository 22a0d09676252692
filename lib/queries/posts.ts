import { db, dbPool } from '../db.ts';
import type { Enclosure } from '../model/feed.ts';
import type { PostPage, PostView, SourceName } from '../model/post.ts';
import { slugOf } from '../model/slug.ts';
import type { PostTag } from '../model/tag.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { findInList, type Month, type Scope } from './list-ranges.ts';

const PAGE_POSTS = 20;
/** Feeds carry every post of the last two days, so that a busy day is not lost to slow readers. */
const FEED_RECENT_HOURS = 48;
export const FEED_POSTS_MAX = 100;

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
  shownHtml: string | null;
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
                                  'siteUrl', f.site_url, 'feedUrl', f.url, 'iconUrl',
                                  (SELECT i.url FROM source_icons i WHERE i.feed_id = f.id))`;

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
         ${withBody ? `CASE WHEN ${DISPLAY} = 'full' THEN p.shown_html END` : 'NULL'} AS "shownHtml",
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

/** The posts with these ids that are not withdrawn, newest first. */
async function readPosts(ids: number[], withBody: boolean): Promise<PostView[]> {
  if (ids.length === 0) return [];
  const { rows } = await dbPool().query<PostRow>(
    `WITH page AS MATERIALIZED (SELECT unnest($1::int[]) AS id) ${columns(withBody)}`,
    [ids],
  );
  return rows.map(toView);
}

/**
 * One page of a list, newest first. A deep page costs what the first one does, and keeps its posts
 * when newer ones arrive.
 * @param options.before a cursor of `older`; one that is none is an error of the caller.
 * @param options.withBody false leaves `bodyHtml` empty (headlines and excerpts do not show it).
 */
export async function listPosts(
  scope: Scope,
  options: { before?: string | undefined; month?: Month; withBody?: boolean } = {},
): Promise<PostPage> {
  const before = options.before === undefined ? undefined : readCursor(options.before);
  if (options.before !== undefined && before === undefined) {
    throw new Error(`"${options.before}" is no cursor`);
  }
  const found = await findInList(scope, { before, month: options.month, limit: PAGE_POSTS });
  const ids = found.posts.map(({ id }) => id);
  return {
    posts: await readPosts(ids, options.withBody ?? true),
    older: found.older === undefined ? null : writeCursor(found.older),
  };
}

/**
 * The posts of a list's feed: the newest 20, and every post first seen in the last 48 hours that
 * was not backfill; at most 100.
 * @param month for the feed of a month instead: its newest posts, at most 100.
 */
export async function listForFeed(scope: Scope, now: Date, month?: Month): Promise<PostView[]> {
  const { posts } = await findInList(scope, { month, limit: FEED_POSTS_MAX });
  const ids = posts.map(({ id }) => id);
  return month === undefined ? getFeedPosts(ids, now) : readPosts(ids, true);
}

/**
 * What a feed holds of a list, with bodies, newest first.
 * @param ids of the list's newest posts, at most FEED_POSTS_MAX, newest first.
 */
export async function getFeedPosts(ids: number[], now: Date): Promise<PostView[]> {
  const since = new Date(now.getTime() - FEED_RECENT_HOURS * 3_600_000);
  const { rows: recent } = await dbPool().query<{ id: number }>(
    'SELECT id FROM posts WHERE id = ANY($1) AND created_at >= $2 AND NOT backfill',
    [ids.slice(PAGE_POSTS), since],
  );
  return readPosts([...ids.slice(0, PAGE_POSTS), ...recent.map(({ id }) => id)], true);
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
  return (await readPosts([id], true))[0];
}

/** Posts by id, newest first, mostly without their bodies; withdrawn and unknown ones are left out. */
export async function getPosts(
  ids: number[],
  { withBody = false } = {},
): Promise<Map<number, PostView>> {
  return new Map((await readPosts(ids, withBody)).map((post) => [post.id, post]));
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
