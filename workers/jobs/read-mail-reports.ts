import { readReturnPath } from '../../lib/alerts/return-path.ts';
import { readToken } from '../../lib/alerts/tokens.ts';
import { messageOf } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { type MailReport, readReport } from '../../lib/mail/read-report.ts';
import {
  type ClaimedMailReport,
  claimMailReport,
  finishMailReport,
  type ReportMeaning,
} from '../../lib/store/mail-reports.ts';
import type { MailProof } from '../../lib/store/suppressions.ts';

/** One that has ended so many workers is not given to another. */
const ATTEMPTS_MAX = 3;

/** The mail of ours that a report is about: only what we have signed is believed. */
function proofIn(report: Exclude<MailReport, { kind: 'other' }>): MailProof | undefined {
  for (const address of report.addresses) {
    const deliveryId = readReturnPath(address);
    if (deliveryId !== undefined) return { deliveryId };
  }
  for (const link of report.links) {
    const claim = readToken('unsubscribe', link.slice(link.lastIndexOf('/') + 1));
    if (claim !== undefined) return { alertId: claim.id };
  }
  return undefined;
}

function meaningOf(report: MailReport): ReportMeaning | undefined {
  if (report.kind === 'other') return undefined;
  const proof = proofIn(report);
  if (proof === undefined) return undefined;
  const isFinal = report.kind === 'complaint' || report.isFinal;
  const says = `${report.kind === 'complaint' ? 'complaint' : 'bounced'}: ${report.says}`;
  return { proof, says, suppression: isFinal ? says : undefined };
}

async function read({ id, body, attempts }: ClaimedMailReport): Promise<void> {
  if (attempts > ATTEMPTS_MAX) {
    log.error('mail.report_given_up', { reportId: id, attempts });
    await finishMailReport(id, undefined);
    return;
  }
  let report: MailReport;
  try {
    report = await readReport(body);
  } catch (error) {
    report = { kind: 'other', says: `it cannot be read: ${messageOf(error)}` };
  }
  const meaning = meaningOf(report);
  const isSuppressed = await finishMailReport(id, meaning);
  const { kind, says } = report;
  const why = meaning === undefined && kind !== 'other' ? 'it is about no mail of ours' : undefined;
  log.info('mail.report_read', { reportId: id, kind, says, ...meaning?.proof, isSuppressed, why });
}

/**
 * Reads every report of mail servers that waits: an address that has no mailbox, or whose reader
 * called our mail spam, is never mailed again. May run twice and anywhere.
 * @param signal stops it between two.
 * @returns how many were read.
 */
export async function readMailReports(signal?: AbortSignal): Promise<number> {
  let done = 0;
  while (!signal?.aborted) {
    const report = await claimMailReport();
    if (report === undefined) break;
    await read(report);
    done += 1;
  }
  return done;
}
