import { closeMail } from '../lib/mail/send.ts';
import { queueUntagged } from '../lib/store/retags.ts';
import { deliverMail } from './jobs/deliver-mail.ts';
import { indexPosts } from './jobs/index-posts.ts';
import { matchAlerts } from './jobs/match-alerts.ts';
import { readPages } from './jobs/read-pages.ts';
import { retagPosts } from './jobs/retag-posts.ts';

/** Of posts that have no tag: those that came with this poll. */
const UNTAGGED_HOURS = 1;

/**
 * Does at once what a poll leaves to the job queue: match the alerts, send the mails, read the
 * pages of excerpts that are due, look again for tags that only later feeds made known, and index
 * the posts. When a worker has begun with it, waits for that to end.
 */
export async function finishFollowUp(): Promise<void> {
  try {
    await matchAlerts({ waits: true });
    await deliverMail();
    await readPages();
    await queueUntagged(UNTAGGED_HOURS);
    await retagPosts({ waits: true });
    await indexPosts({ waits: true });
  } finally {
    // A connection that waits for more mails would keep a command from ending, for half a minute.
    closeMail();
  }
}
