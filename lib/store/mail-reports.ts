import { dbPool, type Tx, transaction } from '../db.ts';
import { enqueue } from './jobs.ts';
import { type MailProof, suppressRecipient } from './suppressions.ts';

// What mail servers say of our mails waits as rows, and workers read it.

/** Whoever sends more than workers read is told to come again: mail servers do. */
const WAITING_MAX = 1000;
/** Longer than reading one can take; then another worker tries it. */
const LEASE_SECONDS = 120;

/** Keeps a report as it came, and wakes a worker. @returns false when too many wait. */
export function saveMailReport(body: Uint8Array, now: Date): Promise<boolean> {
  return transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `INSERT INTO mail_reports (body, received_at)
       SELECT $1, $2 WHERE (SELECT count(*) FROM mail_reports) < $3`,
      [body, now, WAITING_MAX],
    );
    await enqueue(tx, 'read-mail-reports');
    return rowCount === 1;
  });
}

/** A report that a worker is to read. */
export interface ClaimedMailReport {
  id: number;
  body: Uint8Array;
  /** Times that a worker has begun with it, with this one. */
  attempts: number;
}

/** Takes the oldest report that waits, for this worker alone. */
export async function claimMailReport(): Promise<ClaimedMailReport | undefined> {
  const { rows } = await dbPool().query<ClaimedMailReport>(
    `UPDATE mail_reports SET attempts = attempts + 1,
       claimed_until = now() + make_interval(secs => $1)
     WHERE id = (SELECT id FROM mail_reports WHERE claimed_until IS NULL OR claimed_until < now()
                 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, body, attempts`,
    [LEASE_SECONDS],
  );
  return rows[0];
}

/** What a report means for the mail that it is about. */
export interface ReportMeaning {
  proof: MailProof;
  /** What the server said, for the history of the mail. */
  says: string;
  /** Why its address is suppressed; undefined when it is not. */
  suppression: string | undefined;
}

/**
 * Does what a report means. Done twice it changes nothing more.
 * @returns whether an address was suppressed.
 */
export async function applyMeaning(tx: Tx, meaning: ReportMeaning): Promise<boolean> {
  const { proof, says, suppression } = meaning;
  if ('deliveryId' in proof) {
    await tx.query(
      `UPDATE deliveries SET bounced_at = coalesce(bounced_at, now()), error_text = $2
       WHERE id = $1`,
      [proof.deliveryId, says],
    );
  }
  return suppression !== undefined && (await suppressRecipient(tx, proof, suppression));
}

/** Ends a report. Done twice it changes nothing more. @returns whether an address was suppressed. */
export function finishMailReport(id: number, meaning: ReportMeaning | undefined): Promise<boolean> {
  return transaction(async (tx) => {
    await tx.query('DELETE FROM mail_reports WHERE id = $1', [id]);
    return meaning !== undefined && (await applyMeaning(tx, meaning));
  });
}
