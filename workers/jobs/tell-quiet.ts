import { log } from '../../lib/log.ts';
import { tellQuietAlerts } from '../../lib/store/quiet-alerts.ts';

/** Writes the mails of alerts that have found nothing for long. @returns how many mails. */
export async function tellQuiet(now = new Date()): Promise<number> {
  let mails = 0;
  for (;;) {
    const batch = await tellQuietAlerts(now);
    if (batch.looked === 0) return mails;
    mails += batch.mails;
    log.info('quiet.told', batch);
  }
}
