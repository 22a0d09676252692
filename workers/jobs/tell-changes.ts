import { log } from '../../lib/log.ts';
import { tellDueChanges } from '../../lib/store/post-changes.ts';

/** Writes the mails of posts that have changed or were withdrawn. @returns how many mails. */
export async function tellChanges(now = new Date()): Promise<number> {
  let mails = 0;
  for (;;) {
    const batch = await tellDueChanges(now);
    if (batch.changes === 0) return mails;
    mails += batch.mails;
    log.info('changes.told', batch);
  }
}
