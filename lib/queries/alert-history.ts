import { readToken } from '../alerts/tokens.ts';
import { db, dbPool } from '../db.ts';
import { nameAlert } from '../model/alert-name.ts';

/** Mails on one page of a history; older ones are in the export. */
export const HISTORY_MAILS_MAX = 100;
const TITLES_MAX = 10;

/** What became of a mail. */
export type MailFate = 'sent' | 'waiting' | 'failed' | 'returned';

/** A mail that was sent to a subscriber, or that waits; times ISO 8601 in UTC. */
export interface SentMail {
  id: number;
  kind: 'confirm' | 'instant' | 'digest' | 'webhook' | 'quiet' | 'changes';
  /** The words that its alert had, or its alerts have: why it was sent. */
  query: string;
  createdAt: string;
  sentAt: string | null;
  fate: MailFate;
  /** Posts that it told, those withdrawn since left out. */
  posts: number;
  /** The newest of them. */
  titles: { postId: number; title: string }[];
}

interface MailRow extends Omit<SentMail, 'createdAt' | 'sentAt'> {
  policy: string | null;
  alertName: string | null;
  about: { query: string; policy: string | null }[];
  createdAt: Date;
  sentAt: Date | null;
}

const FATE = `CASE WHEN d.bounced_at IS NOT NULL THEN 'returned' WHEN d.status = 'sent' THEN 'sent'
                   WHEN d.status = 'dead' THEN 'failed' ELSE 'waiting' END`;

/** The latest mails of one subscriber, newest first. */
async function listMails(subscriberId: number, limit: number): Promise<SentMail[]> {
  const { rows } = await dbPool().query<MailRow>(
    `SELECT d.id, d.kind, coalesce(a.query, '') AS query, a.policy, d.alert_name AS "alertName",
       ARRAY(SELECT json_build_object('query', q.query, 'policy', q.policy) FROM alerts q
             WHERE q.id = ANY(d.about) ORDER BY q.id) AS about, d.created_at AS "createdAt", d.sent_at AS "sentAt",
       ${FATE} AS fate, told.posts, told.titles
     FROM (SELECT * FROM deliveries WHERE subscriber_id = $1 ORDER BY id DESC LIMIT $2) AS d
     LEFT JOIN alerts a ON a.id = d.alert_id
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS posts, coalesce(json_agg(
                json_build_object('postId', id, 'title', title) ORDER BY sort_at DESC, id DESC)
                FILTER (WHERE place <= ${TITLES_MAX}), '[]') AS titles
       FROM (SELECT p.id, p.title, p.sort_at,
                    row_number() OVER (ORDER BY p.sort_at DESC, p.id DESC) AS place
             FROM (SELECT post_id FROM alert_matches WHERE delivery_id = d.id
                   UNION SELECT post_id FROM alert_changes WHERE delivery_id = d.id) AS m
             JOIN posts p ON p.id = m.post_id AND p.withdrawn_at IS NULL) AS post) AS told
     ORDER BY d.id DESC`,
    [subscriberId, limit],
  );
  return rows.map(({ policy, alertName, about, ...row }) => ({
    ...row,
    query:
      alertName ??
      (about.length > 0
        ? about.map(nameAlert).join('; ')
        : nameAlert({ query: row.query, policy })),
    createdAt: row.createdAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
  }));
}

/** Whose page a link is of; undefined when it is not in force. */
async function ownerOf(token: string) {
  const claim = readToken('manage', token);
  if (claim === undefined) return undefined;
  const owner = await db().subscriber.findUnique({
    where: { id: claim.id, tokenVersion: claim.version },
    omit: { id: true, tokenVersion: true },
  });
  return owner === null ? undefined : { id: claim.id, owner };
}

/**
 * What was sent to the owner of a page, and why; undefined when its link is not in force.
 * `timeZone` (IANA): of the owner, null where they have named none.
 */
export async function openHistory(
  token: string,
): Promise<{ email: string; timeZone: string | null; mails: SentMail[] } | undefined> {
  const found = await ownerOf(token);
  if (found === undefined) return undefined;
  const { email, timeZone } = found.owner;
  return { email, timeZone, mails: await listMails(found.id, HISTORY_MAILS_MAX) };
}

/**
 * All that we hold of the owner of a page, as plain objects for JSON: their data is theirs to take
 * (GDPR, article 20). Undefined when the link is not in force.
 */
export async function exportOwner(token: string): Promise<object | undefined> {
  const found = await ownerOf(token);
  if (found === undefined) return undefined;
  const { rows } = await dbPool().query(
    `SELECT a.query, a.policy, (SELECT w.url FROM webhooks w WHERE w.alert_id = a.id) AS webhook,
       a.cadence, a.status, a.requested_at AS "requestedAt",
       a.confirmed_at AS "confirmedAt", a.next_digest_at AS "nextDigestAt", a.tells_changes AS "tellsChanges",
       coalesce((SELECT json_agg(json_build_object(
                   'title', p.title, 'url', p.url, 'foundAt', m.matched_at, 'mailedAt', d.sent_at)
                 ORDER BY m.post_id DESC)
                 FROM alert_matches m JOIN posts p ON p.id = m.post_id AND p.withdrawn_at IS NULL
                 LEFT JOIN deliveries d ON d.id = m.delivery_id
                 WHERE m.alert_id = a.id), '[]') AS posts
     FROM alerts a WHERE a.subscriber_id = $1 ORDER BY a.id`,
    [found.id],
  );
  const mails = await dbPool().query(
    `SELECT d.kind, coalesce(d.alert_name, a.query) AS query, d.created_at AS "writtenAt", d.sent_at AS "sentAt", ${FATE} AS fate
     FROM deliveries d LEFT JOIN alerts a ON a.id = d.alert_id
     WHERE d.subscriber_id = $1 ORDER BY d.id`,
    [found.id],
  );
  return { ...found.owner, alerts: rows, mails: mails.rows };
}
