import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { dkimOptions } from '../../lib/mail/dkim.ts';
import { askMailServer } from '../../lib/mail/send.ts';
import { readMailboxAddress } from '../../lib/model/mailbox-address.ts';
import { getMailboxState, type MailboxState } from '../../lib/store/mailboxes.ts';
import { plural } from '../terminal-text.ts';
import type { Finding } from './finding.ts';

/** A mailbox is read every five minutes while all is well. */
const UNREAD_MINUTES_MAX = 60;

/** The server that takes our mails, and the key that signs them. */
export async function checkMail(): Promise<Finding[]> {
  const { smtpUrl, mailCatcherUrl } = config();
  if (smtpUrl === undefined) {
    const says = 'Mails wait: SMTP_URL is not set.';
    const next = 'Set it to the server that sends them, as smtps://user:password@mail.example.org.';
    return [{ part: 'mail', state: 'warn', says, next }];
  }
  const { host } = new URL(smtpUrl);
  try {
    dkimOptions();
  } catch (error) {
    if (!(error instanceof TagwireError)) throw error;
    return [{ part: 'mail', state: 'fail', says: error.message, next: error.next ?? '' }];
  }
  const refusal = await askMailServer();
  if (refusal !== undefined) {
    const says = `${host} takes no mails: ${refusal}.`;
    const next = 'Correct SMTP_URL, or see that this server runs. Mails are kept for two days.';
    return [{ part: 'mail', state: 'fail', says, next }];
  }
  if (mailCatcherUrl !== undefined) {
    const says = `Mails reach nobody: they are caught, and shown at ${mailCatcherUrl}.`;
    const next = 'Set SMTP_URL to a mail server for readers.';
    return [{ part: 'mail', state: 'warn', says, next }];
  }
  return [{ part: 'mail', state: 'ok', says: `${host} takes mails.` }];
}

const minutesSince = (time: Date, now: Date) =>
  Math.round((now.getTime() - time.getTime()) / 60_000);

function sayMailbox(name: string, state: MailboxState | undefined, now: Date): Finding {
  const part = 'bounces';
  const next = '`bin/tagwire suppressions mailbox` reads it now, and says what to do.';
  if (state === undefined) {
    return { part, state: 'warn', says: `${name} has not been looked into yet.`, next };
  }
  const { bounce, complaint, note, other } = state.counts;
  const counts =
    `${plural(bounce, 'bounce')}, ${plural(complaint, 'complaint')}, ` +
    `${plural(note, 'report')} of no consequence, ${other} left for you`;
  if (state.errorText !== null) {
    const since = state.errorSince?.toISOString() ?? '';
    const tries = plural(state.failures, 'look');
    const says = `${name} could not be read in ${tries} since ${since}: ${state.errorText} So far: ${counts}.`;
    return { part, state: 'fail', says, next };
  }
  const age = state.readAt === null ? undefined : minutesSince(state.readAt, now);
  if (age === undefined || age > UNREAD_MINUTES_MAX) {
    const last = state.readAt?.toISOString() ?? 'never';
    const says = `No worker reads ${name}: the last time was ${last}. So far: ${counts}.`;
    return {
      part,
      state: 'fail',
      says,
      next: 'Start `bin/tagwire worker` with MAIL_BOUNCES_URL, or read its log.',
    };
  }
  return {
    part,
    state: 'ok',
    says: `${name}, read ${plural(age, 'minute')} ago. So far: ${counts}.`,
  };
}

/** Where mails go that cannot be delivered, and whether that is read. @param now for ages. */
export async function checkBounces(now: Date): Promise<Finding[]> {
  const { mailBounces, mailBouncesUrl, smtpUrl } = config();
  const findings: Finding[] = [];
  // Without a mail server nothing is sent that could come back.
  if (mailBounces === undefined && smtpUrl !== undefined) {
    findings.push({
      part: 'bounces',
      state: 'warn',
      says: 'Mails that cannot be delivered go to the sender and suppress nobody: MAIL_BOUNCES is not set.',
      next: 'Set MAIL_BOUNCES, and have what comes there read (docs/operating.md, Mail).',
    });
  }
  const name = readMailboxAddress(mailBouncesUrl ?? '')?.name;
  if (name !== undefined) findings.push(sayMailbox(name, await getMailboxState(name), now));
  else if (mailBounces !== undefined) {
    const says = `They go to ${mailBounces}, to be brought by pipe or POST: MAIL_BOUNCES_URL is not set.`;
    findings.push({ part: 'bounces', state: 'ok', says });
  }
  return findings;
}
