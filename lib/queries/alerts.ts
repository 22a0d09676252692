import { compileQuery, hasWords } from '../alerts/compile-query.ts';
import { makeToken, type Purpose, readToken, type TokenClaim } from '../alerts/tokens.ts';
import { db, type Tx, transaction } from '../db.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { AlertView, PreviewOutcome } from '../model/alert.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { listQueryHits } from './hits.ts';

const PREVIEW_DAYS = 90;
const PREVIEW_HITS = 3;
/** Counting on would cost more than the number says. */
const PREVIEW_POSTS_MAX = 10_000;
/** As long as somebody waits who tries words out. */
const PREVIEW_MS_MAX = 1500;
/** Of a process; the other connections are for everybody's pages. */
const PREVIEWS_AT_ONCE_MAX = 3;
const LISTED_MAX = 1000;

const ALERT = {
  id: true,
  query: true,
  cadence: true,
  status: true,
  tokenVersion: true,
  requestedAt: true,
  confirmedAt: true,
  nextDigestAt: true,
  _count: { select: { alertMatches: true } },
  alertMatches: {
    where: { post: { withdrawnAt: null } },
    orderBy: { postId: 'desc' },
    take: 1,
    select: { matchedAt: true, post: { select: { id: true, title: true } } },
  },
  deliveries: {
    where: { kind: { not: 'confirm' }, status: 'sent' },
    orderBy: { id: 'desc' },
    take: 1,
    select: { sentAt: true },
  },
} as const satisfies Prisma.AlertSelect;

type AlertRow = Prisma.AlertGetPayload<{ select: typeof ALERT }>;

function toView({ _count, alertMatches, deliveries, ...row }: AlertRow): AlertView {
  const [last] = alertMatches;
  return {
    ...row,
    requestedAt: row.requestedAt.toISOString(),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    nextDigestAt: row.nextDigestAt?.toISOString() ?? null,
    hits: _count.alertMatches,
    lastHit: last
      ? { postId: last.post.id, title: last.post.title, at: last.matchedAt.toISOString() }
      : null,
    lastMailAt: deliveries[0]?.sentAt?.toISOString() ?? null,
  };
}

/** The alert of a link, with its address; undefined when the link is no longer in force. */
export async function getAlert(
  claim: TokenClaim,
): Promise<{ alert: AlertView; email: string; subscriber: TokenClaim } | undefined> {
  const row = await db().alert.findUnique({
    where: { id: claim.id, tokenVersion: claim.version },
    select: { ...ALERT, subscriber: { select: { id: true, email: true, tokenVersion: true } } },
  });
  if (row === null) return undefined;
  const { subscriber, ...alert } = row;
  const { id, email, tokenVersion: version } = subscriber;
  return { alert: toView(alert), email, subscriber: { id, version } };
}

/** Whom a private page belongs to, and their alerts; undefined when its link is not in force. */
export async function getSubscriber(
  claim: TokenClaim,
): Promise<{ email: string; alerts: AlertView[] } | undefined> {
  const row = await db().subscriber.findUnique({
    where: { id: claim.id, tokenVersion: claim.version },
    select: {
      email: true,
      alerts: {
        where: { confirmedAt: { not: null } },
        // In the order of the states: those in force first, stopped ones last.
        orderBy: [{ status: 'asc' }, { id: 'desc' }],
        select: ALERT,
      },
    },
  });
  return row === null ? undefined : { email: row.email, alerts: row.alerts.map(toView) };
}

/** All alerts with their addresses, newest first: for the operator. */
export async function listAlerts(): Promise<(AlertView & { email: string })[]> {
  const rows = await db().alert.findMany({
    orderBy: { id: 'desc' },
    take: LISTED_MAX,
    select: { ...ALERT, subscriber: { select: { email: true } } },
  });
  return rows.map(({ subscriber, ...row }) => ({ ...toView(row), email: subscriber.email }));
}

/** What a link to an alert opens; undefined when it is not in force. */
export async function openAlertLink(
  purpose: Exclude<Purpose, 'manage'>,
  token: string,
): Promise<{ alert: AlertView; email: string } | undefined> {
  const claim = readToken(purpose, token);
  const found = claim && (await getAlert(claim));
  // Without its owner: the key to all their alerts is not for whoever has a link to one.
  return found && { alert: found.alert, email: found.email };
}

/** What the link to an owner's page opens; undefined when it is not in force. */
export async function openOwnerLink(
  token: string,
): Promise<{ email: string; alerts: (AlertView & { feedPath: string })[] } | undefined> {
  const claim = readToken('manage', token);
  const found = claim && (await getSubscriber(claim));
  if (found === undefined) return undefined;
  const alerts = found.alerts.map((alert) => {
    const feed = makeToken('feed', { id: alert.id, version: alert.tokenVersion });
    return { ...alert, feedPath: `/alerts/feed/${feed}.xml` };
  });
  return { email: found.email, alerts };
}

let previewsNow = 0;

/** Whether Postgres ended a statement because it took too long. */
const isTimeout = (error: unknown) => (error as { code?: string }).code === '57014';

/**
 * What a query would have found in the last PREVIEW_DAYS. Anybody may ask, and some queries read
 * every post, so that time and number are limited.
 */
export async function previewAlert(tree: QueryTree, now = new Date()): Promise<PreviewOutcome> {
  if (previewsNow >= PREVIEWS_AT_ONCE_MAX) return { kind: 'too-costly' };
  previewsNow += 1;
  try {
    return await transaction((tx) => readPreview(tx, tree, now));
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { kind: 'too-costly' };
  } finally {
    previewsNow -= 1;
  }
}

async function readPreview(tx: Tx, tree: QueryTree, now: Date): Promise<PreviewOutcome> {
  await tx.query(`SET LOCAL statement_timeout = ${PREVIEW_MS_MAX}`);
  const compiled = compileQuery(tree, 2);
  const { rows } = await tx.query<{ hasWord: boolean; posts: number; latest: number[] }>(
    `WITH q AS MATERIALIZED (SELECT ${compiled.sql} AS q),
     met AS MATERIALIZED (
       SELECT p.id, p.sort_at FROM posts p, q
       WHERE ${hasWords('q.q')} AND p.words @@ q.q AND p.withdrawn_at IS NULL
         AND p.sort_at > $1::timestamptz - interval '${PREVIEW_DAYS} days'
       LIMIT ${PREVIEW_POSTS_MAX}
     )
     SELECT ${hasWords('q.q')} AS "hasWord", (SELECT count(*)::int FROM met) AS posts,
            ARRAY(SELECT id FROM met ORDER BY sort_at DESC, id DESC LIMIT ${PREVIEW_HITS}) AS latest
     FROM q`,
    [now, ...compiled.values],
  );
  const found = rows[0];
  if (!found?.hasWord) return { kind: 'no-word' };
  const latest = await listQueryHits(found.latest, compiled, tx);
  return { kind: 'preview', preview: { days: PREVIEW_DAYS, posts: found.posts, latest } };
}
