import { tokenUrl } from '../../lib/alerts/tokens.ts';
import { config } from '../../lib/config.ts';
import { unreachable } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { writeConfirmMail, writeHitsMail } from '../../lib/mail/mails.ts';
import { type OutgoingMail, sendMail } from '../../lib/mail/send.ts';
import { CONFIRM_HOURS } from '../../lib/model/alert.ts';
import { listDeliveryHits } from '../../lib/queries/hits.ts';
import {
  type ClaimedDelivery,
  claimDeliveries,
  finishDelivery,
  giveUpDelivery,
  postponeDelivery,
  releaseDeliveries,
} from '../../lib/store/deliveries.ts';

/** Mails claimed at once: few, so that another worker can take part and a lease suffices. */
const BATCH_MAILS = 10;
/** More make a mail that nobody reads; the site has the rest. */
const HITS_PER_MAIL_MAX = 20;

async function write(delivery: ClaimedDelivery): Promise<OutgoingMail | undefined> {
  const { alert, subscriber, email, dedupeKey, createdAt } = delivery;
  if (delivery.kind === 'confirm') {
    const mail = await writeConfirmMail({
      query: alert.query,
      cadence: alert.cadence,
      requestedAt: createdAt,
      confirmUrl: tokenUrl('confirm', alert),
      hoursLeft: CONFIRM_HOURS,
    });
    return { ...mail, to: email, dedupeKey };
  }
  const { hits, total } = await listDeliveryHits(delivery.id, HITS_PER_MAIL_MAX);
  if (hits.length === 0) return undefined;
  const unsubscribeUrl = tokenUrl('unsubscribe', alert);
  const mail = await writeHitsMail({
    ...alert,
    email,
    createdAt,
    hits,
    total,
    manageUrl: tokenUrl('manage', subscriber),
    unsubscribeUrl,
    searchUrl: `${config().siteUrl}/search?${new URLSearchParams({ q: alert.query })}`,
  });
  return { ...mail, to: email, dedupeKey, list: { id: `alert-${alert.id}`, unsubscribeUrl } };
}

/** @returns false when the mail server is not to be troubled with more for now. */
async function deliver(delivery: ClaimedDelivery): Promise<boolean> {
  const { id, kind } = delivery;
  const mail = await write(delivery);
  if (mail === undefined) {
    await giveUpDelivery(id, 'its posts were withdrawn');
    return true;
  }
  const outcome = await sendMail(mail);
  switch (outcome.kind) {
    case 'sent':
      await finishDelivery(id);
      log.info('mail.sent', { deliveryId: id, kind });
      return true;
    case 'refused':
      await giveUpDelivery(id, outcome.errorText);
      log.warn('mail.refused', { deliveryId: id, kind, errorText: outcome.errorText });
      return true;
    case 'failed':
      await postponeDelivery(id, outcome.errorText);
      log.warn('mail.failed', { deliveryId: id, kind, errorText: outcome.errorText });
      return false;
    case 'off':
      return false;
    default:
      return unreachable(outcome);
  }
}

/**
 * Sends every mail that is due. A mail counts as sent when the mail server has taken it; after a
 * crash between the two it is sent again, with the same Message-ID. When sending fails, the rest
 * of the batch stays for the next run.
 * @returns how many were tried; 0 without SMTP_URL, when all of them wait.
 */
export async function deliverMail(): Promise<number> {
  if (config().smtpUrl === undefined) return 0;
  let tried = 0;
  for (;;) {
    const batch = await claimDeliveries(BATCH_MAILS);
    if (batch.length === 0) return tried;
    for (const [i, delivery] of batch.entries()) {
      tried += 1;
      if (await deliver(delivery)) continue;
      await releaseDeliveries(batch.slice(i + 1).map((one) => one.id));
      return tried;
    }
  }
}
