import { config } from '../../lib/config.ts';
import { log } from '../../lib/log.ts';
import { type MailboxMessage, type OpenMailbox, withMailbox } from '../../lib/mail/mailbox.ts';
import { type MailboxAddress, readMailboxAddress } from '../../lib/model/mailbox-address.ts';
import type { ReportMeaning } from '../../lib/store/mail-reports.ts';
import {
  beginMessage,
  findMailboxPlace,
  finishMailbox,
  finishMessage,
  isMailboxDue,
  type MailboxPlace,
  type MessageOutcome,
  postponeMailbox,
} from '../../lib/store/mailboxes.ts';
import { asOnly } from '../../lib/store/only-one.ts';
import { readMeaning } from '../report-meaning.ts';

/** Our mails are far smaller, and servers that send one back cut it. As at the address for POST. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
/** Listed at once. */
const BATCH_MESSAGES_MAX = 50;
/** Read in one look, so that it ends; the next look goes on. */
const LOOK_MESSAGES_MAX = 500;
/** Also for a server that says a little all the time. */
const LOOK_MS_MAX = 5 * 60_000;
/** A message that has ended so many workers, or connections, is left to people. */
const ATTEMPTS_MAX = 3;

/** How a look into the mailbox ended. */
export type MailboxLook =
  /** No MAIL_BOUNCES_URL is set. */
  | { kind: 'off' }
  /** Another worker is at it; it is not time yet; it was called off. */
  | { kind: 'busy' | 'resting' | 'stopped' }
  | MailboxRead
  | { kind: 'failed'; errorText: string; next: string };

export interface MailboxRead {
  kind: 'read';
  /** Messages by what became of them. */
  counts: Record<MessageOutcome, number>;
  /** Addresses that are never mailed again, because of them. */
  suppressed: number;
  /** Reports that the server did not let us mark; they took effect all the same. */
  unmarked: number;
  /** More wait. */
  hasMore: boolean;
}

/** What became of one message. */
interface Ended {
  outcome: MessageOutcome | undefined;
  meaning?: ReportMeaning;
  /** Why it is left to people; of what they wrote nothing is said here. */
  why?: string;
}

/** Reads a message and judges it; what is ours is marked, anything else stays unread. */
async function judge(
  name: string,
  mailbox: OpenMailbox,
  { uid, bytes, isMarked }: MailboxMessage,
  oldUid: number,
): Promise<Ended> {
  const attempts = await beginMessage(name, uid);
  // Read already, before the mailbox had this name or these UIDs: a second reading would suppress
  // whom the operator has let in again since. One that we have begun with bears our own mark.
  if (isMarked && uid <= oldUid && attempts === 1) return { outcome: undefined };
  if (bytes > MESSAGE_BYTES_MAX) return { outcome: 'other', why: `it has ${bytes} bytes` };
  if (attempts > ATTEMPTS_MAX) {
    log.error('mail.report_given_up', { mailbox: name, uid, attempts });
    return { outcome: 'other', why: 'it could not be read' };
  }
  const raw = await mailbox.fetch(uid);
  if (raw === undefined) return { outcome: undefined };
  const { report, meaning } = await readMeaning(raw);
  if (report.kind === 'other') return { outcome: 'other', why: 'it is no report' };
  if (report.kind === 'note') return { outcome: 'note' };
  if (meaning === undefined) return { outcome: 'other', why: 'it is about no mail of ours' };
  return { outcome: report.kind, meaning };
}

/**
 * Marks first, then writes what follows and how far we are, at once. A worker that dies between
 * the two leaves a marked message that is read again, for marks do not say what is read; one that
 * dies before or after has done neither or both.
 */
async function readOne(
  name: string,
  mailbox: OpenMailbox,
  message: MailboxMessage,
  read: MailboxRead,
  place: MailboxPlace,
): Promise<void> {
  const { uid } = message;
  const { outcome, meaning, why } = await judge(name, mailbox, message, place.oldUid);
  const isOurs = outcome !== undefined && outcome !== 'other';
  if (isOurs && !(await mailbox.mark(uid))) read.unmarked += 1;
  const isSuppressed = await finishMessage(name, uid, outcome, meaning);
  if (outcome !== undefined) read.counts[outcome] += 1;
  if (isSuppressed) read.suppressed += 1;
  const { proof, says } = meaning ?? {};
  log[isOurs ? 'info' : 'debug']('mail.message_read', {
    mailbox: name,
    uid,
    outcome,
    ...proof,
    says,
    isSuppressed,
    why,
  });
}

async function readAll(
  name: string,
  mailbox: OpenMailbox,
  signal: AbortSignal,
): Promise<MailboxRead> {
  const counts = { bounce: 0, complaint: 0, note: 0, other: 0 };
  const read: MailboxRead = { kind: 'read', counts, suppressed: 0, unmarked: 0, hasMore: false };
  const place = await findMailboxPlace(name, mailbox);
  let { readUid } = place;
  for (let done = 0; done < LOOK_MESSAGES_MAX; ) {
    const batch = await mailbox.list(readUid, BATCH_MESSAGES_MAX);
    if (batch.length === 0) return read;
    for (const message of batch) {
      if (signal.aborted) return { ...read, hasMore: true };
      await readOne(name, mailbox, message, read, place);
      readUid = message.uid;
    }
    done += batch.length;
  }
  return { ...read, hasMore: true };
}

async function look(address: MailboxAddress, stop: AbortSignal | undefined): Promise<MailboxLook> {
  const { name } = address;
  const limit = AbortSignal.timeout(LOOK_MS_MAX);
  const signal = stop === undefined ? limit : AbortSignal.any([stop, limit]);
  const options = { messageBytesMax: MESSAGE_BYTES_MAX, signal };
  const outcome = await withMailbox(address, options, (mailbox) => readAll(name, mailbox, signal));
  if (outcome.kind === 'done') {
    const { unmarked } = outcome.value;
    if (unmarked > 0) log.warn('mail.reports_unmarked', { mailbox: name, unmarked });
    await finishMailbox(name, outcome.value);
    return outcome.value;
  }
  // Called off is not failed.
  if (stop?.aborted) return { kind: 'stopped' };
  const { errorText, next } = outcome;
  await postponeMailbox(name, errorText);
  log.warn('mail.mailbox_failed', { mailbox: name, message: errorText, next });
  return outcome;
}

/**
 * Reads what is new in the mailbox of MAIL_BOUNCES_URL, as read-mail-reports does what is brought:
 * reports about mails of ours take effect and are marked as read, anything else is left unread for
 * people. Nothing is deleted or moved. One worker at a time; each message is read once, however
 * often workers or connections end, or three times with one that ends them.
 * @param options.signal breaks it off.
 * @param options.isDueOnly to do nothing before the time that the last look has set.
 */
export async function readMailbox(
  options: { signal?: AbortSignal; isDueOnly?: boolean } = {},
): Promise<MailboxLook> {
  const address = readMailboxAddress(config().mailBouncesUrl ?? '');
  if (address === undefined) return { kind: 'off' };
  const isDue = await isMailboxDue(address.name);
  if (options.isDueOnly && !isDue) return { kind: 'resting' };
  return (await asOnly('mailbox', () => look(address, options.signal))) ?? { kind: 'busy' };
}
