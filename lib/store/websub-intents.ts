import { type Tx, transaction } from '../db.ts';
import { deniedUntil, isSameTopic, leaseMs, oneSentence, renewalAt } from '../model/websub.ts';
import { expireSource, type SubscriptionStatus } from './websub.ts';

// What hubs say of subscriptions when they call: that they go into force, end, or are denied.

/** A hub may not have heard our answer, and asks once more. */
const VERIFY_AGAIN_MS_MAX = 10 * 60_000;

/** What a hub may be told: `unasked` (404) keeps it from going on, `gone` (410) lets it forget. */
export type IntentOutcome = 'confirmed' | 'unasked' | 'gone';

interface Asked {
  feedId: number | null;
  topic: string;
  status: SubscriptionStatus;
  awaits: 'subscribe' | 'unsubscribe' | null;
  verifiedAt: Date | null;
  leaseUntil: Date | null;
}

async function lockSubscription(tx: Tx, id: number): Promise<Asked | undefined> {
  const { rows } = await tx.query<Asked>(
    `SELECT feed_id AS "feedId", topic, status, awaits, verified_at AS "verifiedAt",
            lease_until AS "leaseUntil"
     FROM websub_subscriptions WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return rows[0];
}

/**
 * Confirms what a hub says that we asked for (WebSub, section 5.3), if we did and wait for it: puts
 * the lease into force, or deletes what was to be ended.
 */
export function verifyIntent(
  intent: {
    id: number;
    mode: 'subscribe' | 'unsubscribe';
    topic: string | null;
    leaseSeconds: string | null;
  },
  now: Date,
  random: number,
): Promise<IntentOutcome> {
  return transaction(async (tx) => {
    const { id, mode, topic, leaseSeconds } = intent;
    const asked = await lockSubscription(tx, id);
    if (asked === undefined) return 'gone';
    const isMeant = isSameTopic(topic, asked.topic);
    if (mode === 'unsubscribe' && isMeant && asked.awaits === mode) {
      await tx.query('DELETE FROM websub_subscriptions WHERE id = $1', [id]);
      return 'confirmed';
    }
    if (asked.feedId === null) return 'gone';
    if (mode === 'unsubscribe' || !isMeant || asked.status === 'ending') return 'unasked';
    if (asked.awaits === mode) {
      await activate(tx, id, asked, leaseMs(leaseSeconds), now, random);
      return 'confirmed';
    }
    const since = now.getTime() - (asked.verifiedAt?.getTime() ?? 0);
    return asked.status === 'active' && since < VERIFY_AGAIN_MS_MAX ? 'confirmed' : 'unasked';
  });
}

async function activate(
  tx: Tx,
  id: number,
  before: Asked,
  lease: number,
  now: Date,
  random: number,
): Promise<void> {
  const isUnbroken = before.leaseUntil !== null && before.leaseUntil > now;
  await tx.query(
    `UPDATE websub_subscriptions SET status = 'active', awaits = NULL, attempts = 0,
       error_text = NULL, verified_at = $2, lease_until = $3, due_at = $4,
       active_since = CASE WHEN $5 THEN active_since ELSE $2 END
     WHERE id = $1`,
    [id, now, new Date(now.getTime() + lease), renewalAt(now, lease, random), isUnbroken],
  );
  if (!isUnbroken) await expireSource(tx, before.feedId);
}

/**
 * Takes note that a hub has denied a subscription (WebSub, section 5.2), now or after a while. It
 * is asked again after a week.
 */
export function denySubscription(
  denial: { id: number; topic: string | null; reason: string | null },
  now: Date,
  random: number,
): Promise<IntentOutcome> {
  return transaction(async (tx) => {
    const { id, topic } = denial;
    const asked = await lockSubscription(tx, id);
    if (asked === undefined) return 'gone';
    const isAwaited = asked.awaits === 'subscribe' || asked.status !== 'wanted';
    if (!isSameTopic(topic, asked.topic) || !isAwaited) return 'unasked';
    if (asked.status === 'ending') {
      await tx.query('DELETE FROM websub_subscriptions WHERE id = $1', [id]);
      return 'confirmed';
    }
    const reason = oneSentence(denial.reason ?? '') || 'it gives no reason';
    await tx.query(
      `UPDATE websub_subscriptions SET status = 'denied', awaits = NULL, lease_until = NULL,
         due_at = $2, error_text = $3
       WHERE id = $1`,
      [id, deniedUntil(now, random), `the hub has denied it: ${reason}`],
    );
    if (asked.status === 'active') await expireSource(tx, asked.feedId);
    return 'confirmed';
  });
}
