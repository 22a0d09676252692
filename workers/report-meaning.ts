import { readReturnPath } from '../lib/alerts/return-path.ts';
import { readToken } from '../lib/alerts/tokens.ts';
import { messageOf } from '../lib/errors.ts';
import { type MailReport, readReport } from '../lib/mail/read-report.ts';
import type { ReportMeaning } from '../lib/store/mail-reports.ts';
import type { MailProof } from '../lib/store/suppressions.ts';

/** The mail of ours that a report is about: only what we have signed is believed. */
function proofIn(report: Extract<MailReport, { addresses: string[] }>): MailProof | undefined {
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

/** A mail that may be a report, read. */
export interface ReportReading {
  report: MailReport;
  /** Undefined: nothing follows of it. */
  meaning: ReportMeaning | undefined;
}

/**
 * Reads a mail that may be a report, and what follows of it for a mail of ours. Total: one that
 * cannot be read is no report.
 */
export async function readMeaning(raw: Uint8Array): Promise<ReportReading> {
  let report: MailReport;
  try {
    report = await readReport(raw);
  } catch (error) {
    report = { kind: 'other', says: `it cannot be read: ${messageOf(error)}` };
  }
  if (report.kind === 'other' || report.kind === 'note') return { report, meaning: undefined };
  const proof = proofIn(report);
  if (proof === undefined) return { report, meaning: undefined };
  const isFinal = report.kind === 'complaint' || report.isFinal;
  const says = `${report.kind === 'complaint' ? 'complaint' : 'bounced'}: ${report.says}`;
  return { report, meaning: { proof, says, suppression: isFinal ? says : undefined } };
}
