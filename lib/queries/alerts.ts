import { makeToken, readToken, type TokenClaim } from '../alerts/tokens.ts';
import { db, dbPool } from '../db.ts';
import type { AlertView } from '../model/alert.ts';
import { nameAlert } from '../model/alert-name.ts';

const LISTED_MAX = 1000;

interface AlertRow
  extends Omit<
    AlertView,
    'name' | 'requestedAt' | 'confirmedAt' | 'nextDigestAt' | 'calmedAt' | 'lastHit' | 'lastMailAt'
  > {
  requestedAt: Date;
  confirmedAt: Date | null;
  nextDigestAt: Date | null;
  calmedAt: Date | null;
  lastPostId: number | null;
  lastTitle: string;
  lastAt: Date;
  lastMailAt: Date | null;
  subscriberId: number;
  email: string;
  subscriberVersion: number;
}

/** One row an alert, whatever it has found: Prisma would read all its matches for the last one. */
const ALERTS = `
  SELECT a.id, a.query, a.policy, a.cadence, a.status, a.token_version AS "tokenVersion",
    a.requested_at AS "requestedAt", a.confirmed_at AS "confirmedAt",
    a.next_digest_at AS "nextDigestAt", a.calmed_at AS "calmedAt", a.tells_changes AS "tellsChanges",
    (SELECT count(*)::int FROM alert_matches m WHERE m.alert_id = a.id) AS hits,
    last.post_id AS "lastPostId", last.title AS "lastTitle", last.matched_at AS "lastAt",
    (SELECT w.url FROM webhooks w WHERE w.alert_id = a.id) AS "webhookUrl",
    (SELECT w.status FROM webhooks w WHERE w.alert_id = a.id) AS "webhookStatus",
    (SELECT max(d.sent_at) FROM deliveries d
     WHERE d.alert_id = a.id AND d.kind <> 'confirm') AS "lastMailAt",
    s.id AS "subscriberId", s.email, s.digest_hour AS "digestHour", s.time_zone AS "timeZone",
    s.token_version AS "subscriberVersion"
  FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
  LEFT JOIN LATERAL (
    SELECT m.post_id, p.title, m.matched_at FROM alert_matches m
    JOIN posts p ON p.id = m.post_id AND p.withdrawn_at IS NULL
    WHERE m.alert_id = a.id ORDER BY m.post_id DESC LIMIT 1) AS last ON true`;

function toView(row: AlertRow): AlertView {
  const { lastPostId, lastTitle, lastAt, subscriberId, email, subscriberVersion, ...alert } = row;
  return {
    ...alert,
    name: nameAlert(alert),
    requestedAt: row.requestedAt.toISOString(),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    nextDigestAt: row.nextDigestAt?.toISOString() ?? null,
    calmedAt: row.calmedAt?.toISOString() ?? null,
    lastHit:
      lastPostId === null
        ? null
        : { postId: lastPostId, title: lastTitle, at: lastAt.toISOString() },
    lastMailAt: row.lastMailAt?.toISOString() ?? null,
  };
}

/** Conditions of the links to an alert; one that confirmed it still says that it did. */
const IN_FORCE = {
  own: 'a.token_version = $2',
  // A private feed has another address when its owner's page has.
  feed: 's.token_version = $2',
  confirm: `(a.confirm_version = $2 OR $2 < a.confirm_version AND a.status <> 'pending')`,
};

/** The alert of a link, with its address; undefined when the link is no longer in force. */
export async function getAlert(
  claim: TokenClaim,
  by: keyof typeof IN_FORCE = 'own',
): Promise<{ alert: AlertView; email: string; subscriber: TokenClaim } | undefined> {
  const { rows } = await dbPool().query<AlertRow>(`${ALERTS} WHERE a.id = $1 AND ${IN_FORCE[by]}`, [
    claim.id,
    claim.version,
  ]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { subscriberId: id, subscriberVersion: version, email } = row;
  return { alert: toView(row), email, subscriber: { id, version } };
}

/** Of a private page: their address, and when they want digests (null: as the site has it). */
interface Owner {
  email: string;
  /** Whether they are told of alerts that find nothing. */
  quietMails: boolean;
  digestHour: number | null;
  timeZone: string | null;
}

/** Whom a private page belongs to, and their alerts; undefined when its link is not in force. */
export async function getSubscriber(
  claim: TokenClaim,
): Promise<(Owner & { alerts: AlertView[] }) | undefined> {
  const owner = await db().subscriber.findUnique({
    where: { id: claim.id, tokenVersion: claim.version },
    select: { email: true, quietMails: true, digestHour: true, timeZone: true },
  });
  if (owner === null) return undefined;
  // In the order of the states: those in force first, stopped ones last.
  const { rows } = await dbPool().query<AlertRow>(
    `${ALERTS} WHERE a.subscriber_id = $1 AND a.confirmed_at IS NOT NULL
     ORDER BY a.status, a.id DESC`,
    [claim.id],
  );
  return { ...owner, alerts: rows.map(toView) };
}

/** Whether there is an alert of this number. */
export async function hasAlert(id: number): Promise<boolean> {
  const isNumber = Number.isInteger(id) && id > 0 && id < 2 ** 31;
  return isNumber && (await db().alert.count({ where: { id } })) > 0;
}

/** All alerts with their addresses, newest first: for the operator. */
export async function listAlerts(): Promise<(AlertView & { email: string })[]> {
  const { rows } = await dbPool().query<AlertRow>(`${ALERTS} ORDER BY a.id DESC LIMIT $1`, [
    LISTED_MAX,
  ]);
  return rows.map((row) => ({ ...toView(row), email: row.email }));
}

/** What a link to an alert opens; undefined when it is not in force. */
export async function openAlertLink(
  purpose: 'confirm' | 'unsubscribe' | 'feed',
  token: string,
): Promise<{ alert: AlertView; email: string } | undefined> {
  const claim = readToken(purpose, token);
  const found = claim && (await getAlert(claim, purpose === 'unsubscribe' ? 'own' : purpose));
  // Without its owner: the key to all their alerts is not for whoever has a link to one.
  return found && { alert: found.alert, email: found.email };
}

/** What the link to an owner's page opens; undefined when it is not in force. */
export async function openOwnerLink(
  token: string,
): Promise<
  (Owner & { alerts: (AlertView & { feedPath: string; jsonFeedPath: string })[] }) | undefined
> {
  const claim = readToken('manage', token);
  if (claim === undefined) return undefined;
  const found = await getSubscriber(claim);
  if (found === undefined) return undefined;
  const alerts = found.alerts.map((alert) => {
    const feed = makeToken('feed', { id: alert.id, version: claim.version });
    const path = `/alerts/feed/${feed}`;
    return { ...alert, feedPath: `${path}.xml`, jsonFeedPath: `${path}.json` };
  });
  return { ...found, alerts };
}

/** Whose mails of quiet alerts a link is about; undefined when there is nobody such. */
export async function openQuietLink(
  token: string,
): Promise<{ email: string; quietMails: boolean } | undefined> {
  const claim = readToken('quiet', token);
  if (claim === undefined) return undefined;
  const owner = await db().subscriber.findUnique({
    where: { id: claim.id },
    select: { email: true, quietMails: true },
  });
  return owner ?? undefined;
}

/** What the link of an address that is never to be asked again opens. */
export interface NeverLink {
  email: string;
  /** `others`: it is suppressed for another reason, which its reader cannot lift. */
  state: 'asked' | 'wished' | 'others';
  /** That would be silent. */
  alerts: number;
}

/** @returns undefined when there is nobody of this link. */
export async function openNeverLink(token: string): Promise<NeverLink | undefined> {
  const claim = readToken('never', token);
  if (claim === undefined) return undefined;
  const { rows } = await dbPool().query<NeverLink>(
    `SELECT s.email, CASE WHEN x.by_reader THEN 'wished' WHEN x.email_key IS NULL THEN 'asked'
              ELSE 'others' END AS state,
       (SELECT count(*)::int FROM alerts a
        WHERE a.subscriber_id = s.id AND a.status IN ('active', 'paused')) AS alerts
     FROM subscribers s LEFT JOIN suppressions x ON x.email_key = s.email_key WHERE s.id = $1`,
    [claim.id],
  );
  return rows[0];
}
