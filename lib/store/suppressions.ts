import { db, type Tx, transaction } from '../db.ts';

// Addresses that are never mailed again. What still waits for one is dropped when it is claimed.

/** An address that is suppressed. */
export interface SuppressionRow {
  emailKey: string;
  reason: string;
  createdAt: Date;
}

/** Why an address is suppressed is one line; servers say more. */
const REASON_CHARACTERS_MAX = 300;

/** A mail of ours, or the alert that one was of. */
export type MailProof = { deliveryId: number } | { alertId: number };

async function suppress(tx: Tx, emailKey: string, reason: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO suppressions (email_key, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [emailKey, reason.slice(0, REASON_CHARACTERS_MAX).toWellFormed()],
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

/** Lets an address be mailed again; its alerts go on. @returns false when it was not suppressed. */
export function removeSuppression(emailKey: string): Promise<boolean> {
  return transaction(async (tx) => {
    const { rowCount } = await tx.query('DELETE FROM suppressions WHERE email_key = $1', [
      emailKey,
    ]);
    await tx.query(
      `UPDATE subscribers SET status = CASE WHEN confirmed_at IS NULL THEN 'pending'
         ELSE 'confirmed' END::"SubscriberStatus"
       WHERE email_key = $1 AND status = 'suppressed'`,
      [emailKey],
    );
    return rowCount === 1;
  });
}

/** All addresses that are suppressed, the latest first. */
export const listSuppressions = (): Promise<SuppressionRow[]> =>
  db().suppression.findMany({ orderBy: [{ createdAt: 'desc' }, { emailKey: 'asc' }] });
