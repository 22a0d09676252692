import { log } from '../../lib/log.ts';
import {
  type ClaimedMailReport,
  claimMailReport,
  finishMailReport,
} from '../../lib/store/mail-reports.ts';
import { readMeaning } from '../report-meaning.ts';

/** One that has ended so many workers is not given to another. */
const ATTEMPTS_MAX = 3;

async function read({ id, body, attempts }: ClaimedMailReport): Promise<void> {
  if (attempts > ATTEMPTS_MAX) {
    log.error('mail.report_given_up', { reportId: id, attempts });
    await finishMailReport(id, undefined);
    return;
  }
  const { report, meaning } = await readMeaning(body);
  const isSuppressed = await finishMailReport(id, meaning);
  const { kind, says } = report;
  const isOfOthers = meaning === undefined && (kind === 'bounce' || kind === 'complaint');
  const why = isOfOthers ? 'it is about no mail of ours' : undefined;
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
