import { compileQuery } from '../alerts/compile-query.ts';
import { makeToken, type Purpose, readToken, type TokenClaim } from '../alerts/tokens.ts';
import { dbPool } from '../db.ts';
import type { AlertPreview, AlertView } from '../model/alert.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { listQueryHits } from './hits.ts';

const PREVIEW_DAYS = 90;
const PREVIEW_HITS = 3;
/** Counting on would cost more than the number says. */
const PREVIEW_POSTS_MAX = 10_000;
const LISTED_MAX = 1000;

type AlertRow = Omit<AlertView, 'requestedAt' | 'confirmedAt' | 'nextDigestAt'> & {
  requestedAt: Date;
  confirmedAt: Date | null;
  nextDigestAt: Date | null;
};

const ALERT_COLUMNS = `
  a.id, a.query, a.cadence, a.status, a.token_version AS "tokenVersion",
  a.requested_at AS "requestedAt", a.confirmed_at AS "confirmedAt",
  a.next_digest_at AS "nextDigestAt",
  (SELECT count(*)::int FROM alert_matches m WHERE m.alert_id = a.id) AS hits,
  (SELECT json_build_object('postId', p.id, 'title', p.title, 'at', m.matched_at)
   FROM alert_matches m JOIN posts p ON p.id = m.post_id AND p.withdrawn_at IS NULL
   WHERE m.alert_id = a.id ORDER BY m.post_id DESC LIMIT 1) AS "lastHit",
  (SELECT max(d.sent_at) FROM deliveries d
   WHERE d.alert_id = a.id AND d.kind <> 'confirm') AS "lastMailAt"`;

const toView = (row: AlertRow): AlertView => ({
  ...row,
  requestedAt: row.requestedAt.toISOString(),
  confirmedAt: row.confirmedAt?.toISOString() ?? null,
  nextDigestAt: row.nextDigestAt?.toISOString() ?? null,
});

/** The alert of a link, with its address; undefined when the link is no longer in force. */
export async function getAlert(
  claim: TokenClaim,
): Promise<{ alert: AlertView; email: string; subscriber: TokenClaim } | undefined> {
  const { rows } = await dbPool().query<AlertRow & { email: string; subscriber: TokenClaim }>(
    `SELECT ${ALERT_COLUMNS}, s.email,
       json_build_object('id', s.id, 'version', s.token_version) AS subscriber
     FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
     WHERE a.id = $1 AND a.token_version = $2`,
    [claim.id, claim.version],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { email, subscriber, ...alert } = row;
  return { alert: toView(alert), email, subscriber };
}

/** Whom a private page belongs to, and their alerts; undefined when its link is not in force. */
export async function getSubscriber(
  claim: TokenClaim,
): Promise<{ email: string; alerts: AlertView[] } | undefined> {
  const { rows } = await dbPool().query<{ email: string }>(
    'SELECT email FROM subscribers WHERE id = $1 AND token_version = $2',
    [claim.id, claim.version],
  );
  const [subscriber] = rows;
  if (subscriber === undefined) return undefined;
  const alerts = await dbPool().query<AlertRow>(
    `SELECT ${ALERT_COLUMNS} FROM alerts a WHERE a.subscriber_id = $1 AND a.confirmed_at IS NOT NULL
     ORDER BY a.status = 'ended', a.id DESC`,
    [claim.id],
  );
  return { email: subscriber.email, alerts: alerts.rows.map(toView) };
}

/** What a link to an alert opens; undefined when it is not in force. */
export async function openAlertLink(
  purpose: Exclude<Purpose, 'manage'>,
  token: string,
): Promise<{ alert: AlertView; email: string; managePath: string } | undefined> {
  const claim = readToken(purpose, token);
  const found = claim && (await getAlert(claim));
  if (found === undefined) return undefined;
  const { alert, email, subscriber } = found;
  return { alert, email, managePath: `/alerts/manage/${makeToken('manage', subscriber)}` };
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

/** All alerts with their addresses, newest first: for the operator. */
export async function listAlerts(): Promise<(AlertView & { email: string })[]> {
  const { rows } = await dbPool().query<AlertRow & { email: string }>(
    `SELECT ${ALERT_COLUMNS}, s.email FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
     ORDER BY a.id DESC LIMIT ${LISTED_MAX}`,
  );
  return rows.map(({ email, ...row }) => ({ ...toView(row), email }));
}

/**
 * What a query would have found in the last PREVIEW_DAYS.
 * @returns undefined when Postgres finds no word in it.
 */
export async function previewAlert(
  tree: QueryTree,
  now = new Date(),
): Promise<AlertPreview | undefined> {
  const count = compileQuery(tree, 2);
  const { rows } = await dbPool().query<{ hasWord: boolean; posts: number; latest: number[] }>(
    `WITH q AS MATERIALIZED (SELECT ${count.sql} AS q),
     met AS MATERIALIZED (
       SELECT p.id, p.sort_at FROM posts p, q
       WHERE p.words @@ q.q AND p.withdrawn_at IS NULL
         AND p.sort_at > $1::timestamptz - interval '${PREVIEW_DAYS} days'
       LIMIT ${PREVIEW_POSTS_MAX}
     )
     SELECT numnode(q.q) > 0 AS "hasWord", (SELECT count(*)::int FROM met) AS posts,
            ARRAY(SELECT id FROM met ORDER BY sort_at DESC, id DESC LIMIT ${PREVIEW_HITS}) AS latest
     FROM q`,
    [now, ...count.values],
  );
  const found = rows[0];
  if (!found?.hasWord) return undefined;
  const latest = await listQueryHits(found.latest, compileQuery(tree, 2));
  return { days: PREVIEW_DAYS, posts: found.posts, latest };
}
