import { db, type Tx, transaction } from '../db.ts';

// Addresses that are never mailed again. What still waits for one is dropped when it is claimed.

/** An address that is suppressed. */
export interface SuppressionRow {
  emailKey: string;
  reason: string;
  /** Its reader said so, and may lift it. */
  byReader: boolean;
  createdAt: Date;
}

/** Why an address is suppressed is one line; servers say more. */
const REASON_CHARACTERS_MAX = 300;

const BY_READER = 'its reader wants not to be asked again';

/** A mail of ours, or the alert that one was of. */
export type MailProof = { deliveryId: number } | { alertId: number };

/** What a reader wished becomes a matter of others when these have reasons of their own. */
async function suppress(
  tx: Tx,
  emailKey: string,
  reason: string,
  byReader = false,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO suppressions AS old (email_key, reason, by_reader) VALUES ($1, $2, $3)
     ON CONFLICT (email_key) DO UPDATE SET reason = excluded.reason, by_reader = false
       WHERE old.by_reader AND NOT excluded.by_reader`,
    [emailKey, reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed(), byReader],
  );
  await tx.query(`UPDATE subscribers SET status = 'suppressed' WHERE email_key = $1`, [emailKey]);
  return rowCount === 1;
}

/**
 * Suppresses the address that a mail went to.
 * @returns whether it was not suppressed before; false also when nobody is behind it any more.
 */
export async function suppressRecipient(
  tx: Tx,
  proof: MailProof,
  reason: string,
): Promise<boolean> {
  const [table, id] =
    'deliveryId' in proof ? ['deliveries', proof.deliveryId] : ['alerts', proof.alertId];
  const { rows } = await tx.query<{ emailKey: string }>(
    `SELECT s.email_key AS "emailKey" FROM ${table} x JOIN subscribers s ON s.id = x.subscriber_id
     WHERE x.id = $1`,
    [id],
  );
  const [recipient] = rows;
  return recipient !== undefined && (await suppress(tx, recipient.emailKey, reason));
}

/** Suppresses an address. @returns false when it was suppressed already. */
export const addSuppression = (emailKey: string, reason: string): Promise<boolean> =>
  transaction((tx) => suppress(tx, emailKey, reason));

async function release(tx: Tx, emailKey: string): Promise<void> {
  await tx.query(
    `UPDATE subscribers SET status = CASE WHEN confirmed_at IS NULL THEN 'pending'
       ELSE 'confirmed' END::"SubscriberStatus"
     WHERE email_key = $1 AND status = 'suppressed'`,
    [emailKey],
  );
}

/** Lets an address be mailed again; its alerts go on. @returns false when it was not suppressed. */
export function removeSuppression(emailKey: string): Promise<boolean> {
  return transaction(async (tx) => {
    const { rowCount } = await tx.query('DELETE FROM suppressions WHERE email_key = $1', [
      emailKey,
    ]);
    await release(tx, emailKey);
    return rowCount === 1;
  });
}

/** Lifts what a reader wished, and nothing that has another reason. */
export async function liftWish(tx: Tx, subscriberId: number): Promise<void> {
  const { rows } = await tx.query<{ emailKey: string }>(
    `DELETE FROM suppressions x USING subscribers s
     WHERE s.id = $1 AND x.email_key = s.email_key AND x.by_reader
     RETURNING x.email_key AS "emailKey"`,
    [subscriberId],
  );
  const [lifted] = rows;
  if (lifted !== undefined) await release(tx, lifted.emailKey);
}

/**
 * A reader says that their address is never to be asked again, or lifts that.
 * @returns false when nobody is behind the link any more.
 */
export function setNeverAsked(subscriberId: number, never: boolean): Promise<boolean> {
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ emailKey: string }>(
      'SELECT email_key AS "emailKey" FROM subscribers WHERE id = $1',
      [subscriberId],
    );
    const [reader] = rows;
    if (reader === undefined) return false;
    if (never) await suppress(tx, reader.emailKey, BY_READER, true);
    else await liftWish(tx, subscriberId);
    return true;
  });
}

/** All addresses that are suppressed, the latest first. */
export const listSuppressions = (): Promise<SuppressionRow[]> =>
  db().suppression.findMany({ orderBy: [{ createdAt: 'desc' }, { emailKey: 'asc' }] });
