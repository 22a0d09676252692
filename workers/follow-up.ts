import { closeMail } from '../lib/mail/send.ts';
import { deliverMail } from './jobs/deliver-mail.ts';
import { indexPosts } from './jobs/index-posts.ts';
import { matchAlerts } from './jobs/match-alerts.ts';

/**
 * Does at once what a poll leaves to the job queue: index the posts, match the alerts and send
 * the mails. When a worker has begun with it, waits for that to end.
 */
export async function finishFollowUp(): Promise<void> {
  try {
    await matchAlerts({ waits: true });
    await deliverMail();
    await indexPosts({ waits: true });
  } finally {
    // A connection that waits for more mails would keep a command from ending, for half a minute.
    closeMail();
  }
}
