import fs from 'node:fs';
import path from 'node:path';
import { makeReturnPath } from '../../lib/alerts/return-path.ts';
import { tokenUrl } from '../../lib/alerts/tokens.ts';
import { provideSettings } from '../../lib/config.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { requestAlert } from '../../lib/store/alerts.ts';
import { listSuppressions } from '../../lib/store/suppressions.ts';
import { emptyTables } from './empty-tables.ts';

export const REPORTS_FOLDER = path.resolve('test/fixtures/mail-reports');

/**
 * Asks for an alert with its confirmation: alert 1 and delivery 1 of subscriber 1, and those after
 * it.
 */
export async function askForReported(query = 'kernel'): Promise<void> {
  const parsed = parseQuery(query);
  if (parsed.kind !== 'query') throw new Error(parsed.message);
  const { key: queryKey, tree } = parsed;
  const wish = { email: 'One@example.org', emailKey: 'one@example.org', query, queryKey, tree };
  await requestAlert({ ...wish, cadence: 'instant' });
}

/** Begins anew, with one mail that may come back. */
export async function beginWithOneMail(): Promise<void> {
  provideSettings({ MAIL_BOUNCES: 'bounces@example.org' });
  await emptyTables(['subscribers', 'suppressions', 'mail_reports', 'mailboxes'], {
    isNumberedAnew: true,
  });
  await askForReported();
}

export interface ReportLinks {
  returnPath: string;
  unsubscribe: string;
}

/** What the mail of delivery 1 bears. */
export const reportLinks = (): ReportLinks => ({
  returnPath: makeReturnPath(1) ?? '',
  unsubscribe: tokenUrl('unsubscribe', { id: 1, version: 1 }),
});

/** A report of a mail server from its fixture, as it comes over the wire. */
export const rawReport = (name: string, { returnPath, unsubscribe } = reportLinks()): Buffer =>
  Buffer.from(
    fs
      .readFileSync(path.join(REPORTS_FOLDER, `${name}.eml`), 'utf8')
      .replaceAll('{RETURN_PATH}', returnPath)
      .replaceAll('{UNSUBSCRIBE}', unsubscribe)
      .replaceAll('\n', '\r\n'),
  );

/** Addresses that are never mailed again. */
export const suppressed = async (): Promise<string[]> =>
  (await listSuppressions()).map((row) => row.emailKey);
