import { log } from '../../lib/log.ts';
import { buildDueDigests } from '../../lib/store/deliveries.ts';

/** Writes the mails of all digests whose time has come. @returns how many mails. */
export async function buildDigests(now = new Date()): Promise<number> {
  let mails = 0;
  for (;;) {
    const batch = await buildDueDigests(now);
    if (batch.alerts === 0) return mails;
    mails += batch.mails;
    log.info('digests.built', batch);
  }
}
