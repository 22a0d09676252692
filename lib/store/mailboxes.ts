import { dbPool, transaction } from '../db.ts';
import { MAILBOX_FAILING_HOURS_TOLD } from '../model/notice.ts';
import { applyMeaning, type ReportMeaning } from './mail-reports.ts';

// How far a mailbox has been read. UIDs only grow (RFC 9051, 2.3.1.1), so one number says it, and
// it is written in the transaction of what a message brought about: a worker that dies has done
// both or neither. Marks in the mailbox are for people.

/** Reports of mail servers need no hurry, and a login every few minutes is polite. */
const PAUSE_SECONDS = 5 * 60;
/** Short enough to see that a mended password works, and few enough tries for a server to bear. */
const RETRY_SECONDS_MIN = 60;
const RETRY_SECONDS_MAX = 3600;
const ERROR_CHARACTERS_MAX = 500;
/** A look that is due for so long is nobody's. */
const SILENT_HOURS_MAX = 6;

/** What became of a message; `other`: it is left to people. */
export type MessageOutcome = 'bounce' | 'complaint' | 'note' | 'other';

const COLUMNS: Record<MessageOutcome, string> = {
  bounce: 'bounces',
  complaint: 'complaints',
  note: 'notes',
  other: 'others',
};

/** A mailbox as operators see it. */
export interface MailboxState {
  name: string;
  /** Messages so far. */
  counts: Record<MessageOutcome, number>;
  /** Null before it was first read to its end. */
  readAt: Date | null;
  dueAt: Date;
  /** Looks in a row that failed, since when, and what the last of them said. */
  failures: number;
  errorText: string | null;
  errorSince: Date | null;
}

/** How far a mailbox has been read. */
export interface MailboxPlace {
  /** All messages up to this UID have been read. */
  readUid: number;
  /** Messages up to this UID were there when their UIDs began anew, or we began. */
  oldUid: number;
}

/** The state of a mailbox; undefined before the first look. @param name MailboxAddress.name */
export async function getMailboxState(name: string): Promise<MailboxState | undefined> {
  const { rows } = await dbPool().query<MailboxState>(
    `SELECT name, read_at AS "readAt", due_at AS "dueAt", failures, error_text AS "errorText",
       error_since AS "errorSince",
       json_build_object('bounce', bounces, 'complaint', complaints, 'note', notes,
                         'other', others) AS counts
     FROM mailboxes WHERE name = $1`,
    [name],
  );
  return rows[0];
}

/** Makes the row of a mailbox, if there is none. @returns whether it is to be looked into now. */
export async function isMailboxDue(name: string): Promise<boolean> {
  const { rows } = await dbPool().query<{ isDue: boolean }>(
    `WITH made AS (INSERT INTO mailboxes (name) VALUES ($1) ON CONFLICT DO NOTHING)
     SELECT due_at <= now() AS "isDue" FROM mailboxes WHERE name = $1`,
    [name],
  );
  return rows[0]?.isDue ?? true;
}

/**
 * Where reading goes on in a mailbox that has been opened: at its beginning when its UIDs mean
 * other messages than before.
 * @param uidNext the UID that the next new message will have, at least.
 */
export async function findMailboxPlace(
  name: string,
  { uidValidity, uidNext }: { uidValidity: bigint; uidNext: number },
): Promise<MailboxPlace> {
  const { rows } = await dbPool().query<{ readUid: string; oldUid: string }>(
    `INSERT INTO mailboxes AS m (name, uid_validity, old_uid) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET uid_validity = $2,
       read_uid = CASE WHEN m.uid_validity = $2 THEN m.read_uid ELSE 0 END,
       old_uid = CASE WHEN m.uid_validity = $2 THEN m.old_uid ELSE $3 END,
       trying_uid = CASE WHEN m.uid_validity = $2 THEN m.trying_uid END
     RETURNING read_uid AS "readUid", old_uid AS "oldUid"`,
    [name, uidValidity, uidNext - 1],
  );
  return { readUid: Number(rows[0]?.readUid), oldUid: Number(rows[0]?.oldUid) };
}

/** Notes that a worker begins with a message. @returns how often one has, with this time. */
export async function beginMessage(name: string, uid: number): Promise<number> {
  const { rows } = await dbPool().query<{ attempts: number }>(
    `UPDATE mailboxes SET trying_uid = $2,
       attempts = CASE WHEN trying_uid = $2 THEN attempts + 1 ELSE 1 END
     WHERE name = $1 RETURNING attempts`,
    [name, uid],
  );
  return rows[0]?.attempts ?? 1;
}

/**
 * Ends a message: what it brings about, and that it has been read, in one transaction.
 * @param outcome undefined for one that was gone before it could be read.
 * @returns whether an address was suppressed; false also when another worker was faster.
 */
export function finishMessage(
  name: string,
  uid: number,
  outcome: MessageOutcome | undefined,
  meaning?: ReportMeaning,
): Promise<boolean> {
  return transaction(async (tx) => {
    const counted = outcome === undefined ? '' : `, ${COLUMNS[outcome]} = ${COLUMNS[outcome]} + 1`;
    const { rowCount } = await tx.query(
      `UPDATE mailboxes SET read_uid = $2, attempts = 0, trying_uid = NULL${counted}
       WHERE name = $1 AND read_uid < $2`,
      [name, uid],
    );
    return rowCount === 1 && meaning !== undefined && (await applyMeaning(tx, meaning));
  });
}

/** Ends a look that went well. @param hasMore messages wait: the next one is due at once. */
export function finishMailbox(name: string, { hasMore }: { hasMore: boolean }): Promise<void> {
  return transaction(async (tx) => {
    await tx.query(
      `UPDATE mailboxes SET failures = 0, error_text = NULL, error_since = NULL, read_at = now(),
         due_at = now() + make_interval(secs => $2) WHERE name = $1`,
      [name, hasMore ? 0 : PAUSE_SECONDS],
    );
    await tx.query(
      `UPDATE notices SET ended_at = now()
       WHERE kind = 'mailbox' AND ended_at IS NULL AND data->>'name' = $1`,
      [name],
    );
  });
}

/**
 * Ends a look that failed: the next one later, each time after twice as long, up to an hour. One
 * that fails for MAILBOX_FAILING_HOURS_TOLD is told to the operator, once.
 */
export function postponeMailbox(name: string, errorText: string): Promise<void> {
  const error = errorText.slice(0, ERROR_CHARACTERS_MAX).toWellFormed();
  return transaction(async (tx) => {
    const { rows } = await tx.query<{ errorSince: Date }>(
      `UPDATE mailboxes SET failures = failures + 1, error_text = $2,
         error_since = coalesce(error_since, now()),
         due_at = now() + make_interval(secs => least($3 * 2 ^ least(failures, 16), $4))
       WHERE name = $1 RETURNING error_since AS "errorSince"`,
      [name, error, RETRY_SECONDS_MIN, RETRY_SECONDS_MAX],
    );
    const since = rows[0]?.errorSince.toISOString();
    await tx.query(
      `INSERT INTO notices (key, kind, data) SELECT format('mailbox-%s-%s', $1::text, $2::text),
         'mailbox', jsonb_build_object('name', $1::text, 'since', $2::text, 'error', $3::text)
       WHERE $2::timestamptz <= now() - make_interval(hours => $4) ON CONFLICT (key) DO NOTHING`,
      [name, since, error, MAILBOX_FAILING_HOURS_TOLD],
    );
  });
}

/** Ends notices of mailboxes that nobody looks into any more: the setting names another, or none. */
export async function endSilentMailboxes(): Promise<void> {
  await dbPool().query(
    `UPDATE notices SET ended_at = now() WHERE kind = 'mailbox' AND ended_at IS NULL
       AND EXISTS (SELECT FROM mailboxes m WHERE m.name = data->>'name'
                   AND m.due_at < now() - make_interval(hours => $1))`,
    [SILENT_HOURS_MAX],
  );
}
