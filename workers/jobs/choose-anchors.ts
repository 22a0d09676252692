import { readAlertWords } from '../../lib/alerts/alert-wish.ts';
import { log } from '../../lib/log.ts';
import { resolveSources } from '../../lib/queries/query-fields.ts';
import {
  type CommonAlert,
  chooseAnchorsAnew,
  listCommonAlerts,
} from '../../lib/store/alert-anchors.ts';

/** Alerts whose anchors are changed in one transaction. */
const BATCH_ALERTS = 500;

/** What posts must have for an alert; undefined when its words cannot be read any more. */
async function treeOf({ query, policy }: CommonAlert) {
  const words = readAlertWords(query, policy ?? '');
  return words.kind === 'words' ? resolveSources(words.tree) : undefined;
}

/**
 * Looks for rarer words of alerts that are anchored on common ones: a word may have become common
 * since, and on a new site nothing had been counted yet. Changes how fast posts are matched, and
 * never with what.
 * @param signal stops it between two batches.
 * @returns how many alerts have other anchors now.
 */
export async function chooseAnchors(signal?: AbortSignal): Promise<number> {
  let moved = 0;
  let last = 0;
  while (!signal?.aborted) {
    const alerts = await listCommonAlerts(last, BATCH_ALERTS);
    if (alerts.length === 0) break;
    moved += await chooseAnchorsAnew(alerts, await Promise.all(alerts.map(treeOf)));
    last = alerts.at(-1)?.id ?? last;
  }
  if (moved > 0) log.info('anchors.moved', { alerts: moved });
  return moved;
}
