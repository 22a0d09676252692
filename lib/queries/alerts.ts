import { type AlertWords, readAlertWords } from '../alerts/alert-wish.ts';
import { compileQuery, hasWords, requiredParts } from '../alerts/compile-query.ts';
import { ATTRIBUTES, type AttributesRow, toAttributes } from '../alerts/post-attributes.ts';
import { makeToken, type Purpose, readToken, type TokenClaim } from '../alerts/tokens.ts';
import { db, dbPool, type Tx, transaction } from '../db.ts';
import type { AlertView, PreviewOutcome } from '../model/alert.ts';
import { nameAlert } from '../model/alert-name.ts';
import { meets } from '../model/policy/meets.ts';
import type { Policy } from '../model/policy/policy.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { listQueryHits } from './hits.ts';
import { resolveFields } from './query-fields.ts';

const PREVIEW_DAYS = 90;
const PREVIEW_HITS = 3;
/** Looking at more would cost more than the number says; it is that of fewer days then. */
const PREVIEW_LOOKED_MAX = 1500;
const DAY_MS = 86_400_000;
/** As long as somebody waits who tries words out. */
const PREVIEW_MS_MAX = 1500;
/** Of a process; the other connections are for everybody's pages. */
const PREVIEWS_AT_ONCE_MAX = 3;
const LISTED_MAX = 1000;

interface AlertRow
  extends Omit<
    AlertView,
    'name' | 'requestedAt' | 'confirmedAt' | 'nextDigestAt' | 'lastHit' | 'lastMailAt'
  > {
  requestedAt: Date;
  confirmedAt: Date | null;
  nextDigestAt: Date | null;
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
    a.next_digest_at AS "nextDigestAt",
    (SELECT count(*)::int FROM alert_matches m WHERE m.alert_id = a.id) AS hits,
    last.post_id AS "lastPostId", last.title AS "lastTitle", last.matched_at AS "lastAt",
    (SELECT w.url FROM webhooks w WHERE w.alert_id = a.id) AS "webhookUrl",
    (SELECT w.status FROM webhooks w WHERE w.alert_id = a.id) AS "webhookStatus",
    (SELECT max(d.sent_at) FROM deliveries d
     WHERE d.alert_id = a.id AND d.kind <> 'confirm') AS "lastMailAt",
    s.id AS "subscriberId", s.email, s.token_version AS "subscriberVersion"
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
    lastHit:
      lastPostId === null
        ? null
        : { postId: lastPostId, title: lastTitle, at: lastAt.toISOString() },
    lastMailAt: row.lastMailAt?.toISOString() ?? null,
  };
}

/** The alert of a link, with its address; undefined when the link is no longer in force. */
export async function getAlert(
  claim: TokenClaim,
): Promise<{ alert: AlertView; email: string; subscriber: TokenClaim } | undefined> {
  const { rows } = await dbPool().query<AlertRow>(
    `${ALERTS} WHERE a.id = $1 AND a.token_version = $2`,
    [claim.id, claim.version],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { subscriberId: id, subscriberVersion: version, email } = row;
  return { alert: toView(row), email, subscriber: { id, version } };
}

/** Of a private page: their address, and when they want digests (null: as the site has it). */
interface Owner {
  email: string;
  digestHour: number | null;
  timeZone: string | null;
}

/** Whom a private page belongs to, and their alerts; undefined when its link is not in force. */
export async function getSubscriber(
  claim: TokenClaim,
): Promise<(Owner & { alerts: AlertView[] }) | undefined> {
  const owner = await db().subscriber.findUnique({
    where: { id: claim.id, tokenVersion: claim.version },
    select: { email: true, digestHour: true, timeZone: true },
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

/** All alerts with their addresses, newest first: for the operator. */
export async function listAlerts(): Promise<(AlertView & { email: string })[]> {
  const { rows } = await dbPool().query<AlertRow>(`${ALERTS} ORDER BY a.id DESC LIMIT $1`, [
    LISTED_MAX,
  ]);
  return rows.map((row) => ({ ...toView(row), email: row.email }));
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
): Promise<
  (Owner & { alerts: (AlertView & { feedPath: string; jsonFeedPath: string })[] }) | undefined
> {
  const claim = readToken('manage', token);
  const found = claim && (await getSubscriber(claim));
  if (found === undefined) return undefined;
  const alerts = found.alerts.map((alert) => {
    const feed = makeToken('feed', { id: alert.id, version: alert.tokenVersion });
    const path = `/alerts/feed/${feed}`;
    return { ...alert, feedPath: `${path}.xml`, jsonFeedPath: `${path}.json` };
  });
  return { ...found, alerts };
}

let previewsNow = 0;

/** Whether Postgres ended a statement because it took too long. */
const isTimeout = (error: unknown) => (error as { code?: string }).code === '57014';

/**
 * What a query would have found in the last PREVIEW_DAYS. Anybody may ask, and some queries read
 * every post, so that time and number are limited.
 */
export async function previewAlert(
  tree: QueryTree,
  now = new Date(),
  policy?: Policy,
): Promise<PreviewOutcome> {
  if (previewsNow >= PREVIEWS_AT_ONCE_MAX) return { kind: 'too-costly' };
  previewsNow += 1;
  try {
    return await transaction((tx) => readPreview(tx, tree, now, policy));
  } catch (error) {
    if (!isTimeout(error)) throw error;
    return { kind: 'too-costly' };
  } finally {
    previewsNow -= 1;
  }
}

/**
 * Posts of the last days that may match: the newest with the words, and the newest with anything
 * that begins as their stems do. Each is looked at as if it were matched with an alert.
 */
const candidates = (query: string, hasWord: string) => `
  (SELECT p.id, p.sort_at FROM posts p, q
   WHERE ${hasWord} AND p.words @@ q.${query} AND p.withdrawn_at IS NULL
     AND p.sort_at > $1::timestamptz - interval '${PREVIEW_DAYS} days'
   ORDER BY p.sort_at DESC, p.id DESC LIMIT ${PREVIEW_LOOKED_MAX})`;

interface PreviewRow {
  hasWord: boolean;
  /** Newest first. */
  met: number[];
  /** Since when all have been looked at that may match; null: since the beginning. */
  since: Date | null;
}

async function readPreview(
  tx: Tx,
  tree: QueryTree,
  now: Date,
  policy: Policy | undefined,
): Promise<PreviewOutcome> {
  // A policy may have no words at all, and then looks at every post.
  const hasWord = policy === undefined ? hasWords('q.asked') : 'true';
  await tx.query(`SET LOCAL statement_timeout = ${PREVIEW_MS_MAX}`);
  const resolved = await resolveFields(tree);
  const plain = compileQuery(resolved, 2);
  const asked = compileQuery(resolved, 2 + plain.values.length, { marksExact: true });
  const wideFrom = 2 + asked.values.length + plain.values.length;
  const wide = compileQuery(requiredParts(resolved), wideFrom, { isWide: true });
  const { rows } = await tx.query<PreviewRow>(
    `WITH q AS MATERIALIZED (
       SELECT ${asked.sql} AS asked, ${plain.sql} AS plain, ${wide.sql} AS wide
     ), plain AS MATERIALIZED ${candidates('plain', hasWord)}, wide AS MATERIALIZED ${candidates('wide', hasWord)},
     looked AS (
       SELECT nullif(max(since), '-infinity') AS since FROM (
         SELECT CASE WHEN count(*) = ${PREVIEW_LOOKED_MAX} THEN min(sort_at)
                     ELSE '-infinity' END AS since FROM plain
         UNION ALL
         SELECT CASE WHEN count(*) = ${PREVIEW_LOOKED_MAX} THEN min(sort_at)
                     ELSE '-infinity' END FROM wide) AS ends
     ), met AS MATERIALIZED (
       SELECT p.id, p.sort_at FROM (SELECT * FROM plain UNION SELECT * FROM wide) AS c
       JOIN posts p ON p.id = c.id, q, looked
       WHERE p.sort_at >= coalesce(looked.since, '-infinity')
         AND p.words || met_words(q.asked, p.words, p.language) @@ q.asked
     )
     SELECT ${hasWord} AS "hasWord",
            ARRAY(SELECT id FROM met ORDER BY sort_at DESC, id DESC) AS met,
            looked.since FROM q, looked`,
    [now, ...plain.values, ...asked.values, ...wide.values],
  );
  const found = rows[0];
  if (!found?.hasWord) return { kind: 'no-word' };
  const met = policy === undefined ? found.met : await keepMet(tx, found.met, policy);
  const latest = await listQueryHits(met.slice(0, PREVIEW_HITS), plain, tx);
  const days = found.since === null ? PREVIEW_DAYS : daysBetween(found.since, now);
  return { kind: 'preview', preview: { days, posts: met.length, latest } };
}

/** Those of the posts that a policy lets through, in their order. */
async function keepMet(tx: Tx, postIds: number[], policy: Policy): Promise<number[]> {
  const { rows } = await tx.query<AttributesRow>(ATTRIBUTES, [postIds]);
  const kept = new Set(rows.filter((row) => meets(policy, toAttributes(row))).map(({ id }) => id));
  return postIds.filter((id) => kept.has(id));
}

/** What a form asks for, and what it would have found; nothing where it cannot be read. */
export async function previewWords(
  query: string,
  policy: string,
): Promise<{ words: AlertWords; outcome?: PreviewOutcome }> {
  const words = readAlertWords(query, policy);
  if (words.kind === 'invalid') return { words };
  return { words, outcome: await previewAlert(words.tree, new Date(), words.policy?.policy) };
}

const daysBetween = (from: Date, to: Date) =>
  Math.max(1, Math.round((to.getTime() - from.getTime()) / DAY_MS));
