import { makeReturnPath } from '../../lib/alerts/return-path.ts';
import { neverClaim, quietClaim, tokenUrl } from '../../lib/alerts/tokens.ts';
import { config } from '../../lib/config.ts';
import { messageOf, unreachable } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { writeChangesMail } from '../../lib/mail/changes-mail.ts';
import { writeConfirmMail, writeKnownMail } from '../../lib/mail/confirm-mail.ts';
import { type WrittenMail, writeHitsMail } from '../../lib/mail/mails.ts';
import { writeNoticesMail } from '../../lib/mail/notices-mail.ts';
import { writeQuietMail } from '../../lib/mail/quiet-mail.ts';
import {
  MAIL_CONNECTIONS_MAX,
  type OutgoingMail,
  type SendOutcome,
  sendMail,
} from '../../lib/mail/send.ts';
import { writeWebhookMail } from '../../lib/mail/webhook-mail.ts';
import { CONFIRM_HOURS } from '../../lib/model/alert.ts';
import { nameAlert } from '../../lib/model/alert-name.ts';
import { readCoverage } from '../../lib/queries/coverage.ts';
import { listDeliveryHits } from '../../lib/queries/hits.ts';
import { listQuietAlerts } from '../../lib/queries/near-misses.ts';
import { listDeliveryNotices } from '../../lib/queries/notices.ts';
import { listToldChanges } from '../../lib/queries/told-changes.ts';
import { getWebhook, listEvents } from '../../lib/queries/webhooks.ts';
import {
  type ClaimedAlertMail,
  type ClaimedDelivery,
  type ClaimedQuietMail,
  claimDelivery,
  dropDelivery,
  finishDelivery,
  giveUpDelivery,
  postponeDelivery,
} from '../../lib/store/deliveries.ts';
import { operatorAddress } from './mail-notices.ts';

/** While some are with the mail server, others are claimed and written. */
const LANES = 2 * MAIL_CONNECTIONS_MAX;
/** More make a mail that nobody reads; the site has the rest. */
const HITS_PER_MAIL_MAX = 20;
const HOUR_MS = 3_600_000;
/** Of what an endpoint said. */
const ANSWER_CHARACTERS_MAX = 200;

/** What whoever asked for an alert is answered: a question, or where it is when it is there. */
async function writeAnswer(delivery: ClaimedAlertMail): Promise<WrittenMail> {
  const { alert, subscriber, createdAt } = delivery;
  const { status, requestedAt } = alert;
  const query = nameAlert(alert);
  if (status === 'active' || status === 'paused') {
    return writeKnownMail({ query, status, manageUrl: tokenUrl('manage', subscriber) });
  }
  const hoursOver = (Date.now() - Date.parse(requestedAt)) / HOUR_MS;
  const webhook = await getWebhook(alert.id);
  return writeConfirmMail({
    query,
    webhookHost: webhook && new URL(webhook.url).host,
    cadence: alert.cadence,
    requestedAt: createdAt,
    confirmUrl: tokenUrl('confirm', { id: alert.id, version: alert.confirmVersion }),
    neverUrl: tokenUrl('never', neverClaim(subscriber.id)),
    // A mail that waited for its server has less.
    hoursLeft: Math.max(1, Math.min(CONFIRM_HOURS, Math.round(CONFIRM_HOURS - hoursOver))),
  });
}

/** To whoever is the operator now; undefined when that cannot be mailed any more. */
async function writeNotices({ id, dedupeKey }: ClaimedDelivery): Promise<OutgoingMail | undefined> {
  const to = operatorAddress();
  const notices = await listDeliveryNotices(id);
  if (to === undefined || notices.length === 0) return undefined;
  return { ...writeNoticesMail(notices), to, dedupeKey };
}

/** Where more of what an alert is about can be read. */
const listUrl = (query: string) =>
  query === ''
    ? config().siteUrl
    : `${config().siteUrl}/search?${new URLSearchParams({ q: query })}`;

/** That nothing goes to an endpoint any more; undefined when it has another one, or works. */
async function writeWebhookOff(delivery: ClaimedAlertMail): Promise<OutgoingMail | undefined> {
  const { alert, subscriber, email, dedupeKey } = delivery;
  const webhook = await getWebhook(alert.id);
  if (webhook?.status !== 'off') return undefined;
  const tried = (await listEvents(webhook.id)).find((event) => event.triedAt !== null);
  const { responseStatus, responseText } = tried ?? {};
  const mail = writeWebhookMail({
    name: nameAlert(alert),
    url: webhook.url,
    failingSince: webhook.failingSince,
    answer: [responseStatus, responseText?.slice(0, ANSWER_CHARACTERS_MAX)]
      .filter(Boolean)
      .join(' '),
    manageUrl: tokenUrl('manage', subscriber),
  });
  return { ...mail, to: email, dedupeKey };
}

/** Of alerts that are quiet still; undefined when none is. */
async function writeQuiet(delivery: ClaimedQuietMail): Promise<OutgoingMail | undefined> {
  const { id, subscriber, email, dedupeKey, createdAt } = delivery;
  const alerts = await listQuietAlerts(id);
  if (alerts.length === 0) return undefined;
  const manageUrl = tokenUrl('manage', subscriber);
  const stopUrl = tokenUrl('quiet', quietClaim(subscriber.id));
  const mail = writeQuietMail({
    email,
    alerts,
    coverage: await readCoverage(createdAt),
    manageUrl,
    stopUrl,
    wordsUrl: (alertId, query) => `${manageUrl}/words/${alertId}?${new URLSearchParams({ query })}`,
  });
  const list = { id: 'quiet-alerts', kind: 'quiet', unsubscribeUrl: stopUrl };
  return { ...mail, to: email, dedupeKey, list };
}

/** Of posts that have changed; undefined when none is other than it was told. */
async function writeChanges(delivery: ClaimedAlertMail): Promise<OutgoingMail | undefined> {
  const { id, alert, subscriber, email, dedupeKey } = delivery;
  const changes = await listToldChanges(id);
  if (changes.length === 0) return undefined;
  const unsubscribeUrl = tokenUrl('unsubscribe', alert);
  const mail = writeChangesMail({
    query: nameAlert(alert),
    email,
    changes,
    changesUrl: (postId) => `${config().siteUrl}/post/${postId}/-/changes`,
    manageUrl: tokenUrl('manage', subscriber),
    unsubscribeUrl,
  });
  const list = { id: `alert-${alert.id}`, kind: 'changes', unsubscribeUrl };
  return { ...mail, to: email, dedupeKey, list };
}

/** @returns undefined when there is nothing to tell any more. */
async function write(delivery: ClaimedDelivery): Promise<OutgoingMail | undefined> {
  if (delivery.kind === 'notices') return writeNotices(delivery);
  if (delivery.kind === 'quiet') return writeQuiet(delivery);
  const { alert, subscriber, email, dedupeKey, createdAt } = delivery;
  if (delivery.kind === 'confirm') {
    const mail = await writeAnswer(delivery);
    return { ...mail, to: email, dedupeKey };
  }
  if (delivery.kind === 'webhook') return writeWebhookOff(delivery);
  if (delivery.kind === 'changes') return writeChanges(delivery);
  const { hits, total } = await listDeliveryHits(delivery.id, HITS_PER_MAIL_MAX);
  if (hits.length === 0) return undefined;
  const unsubscribeUrl = tokenUrl('unsubscribe', alert);
  const mail = writeHitsMail({
    ...alert,
    query: nameAlert(alert),
    email,
    createdAt,
    timeZone: subscriber.timeZone ?? config().siteTimezone,
    hits,
    total,
    // Once: by the digests that follow it is known.
    calmedAt: delivery.kind === 'instant' ? alert.calmedAt : null,
    coverage: delivery.kind === 'digest' ? await readCoverage(createdAt) : undefined,
    manageUrl: tokenUrl('manage', subscriber),
    unsubscribeUrl,
    searchUrl: listUrl(alert.query),
  });
  return {
    ...mail,
    to: email,
    dedupeKey,
    list: { id: `alert-${alert.id}`, kind: delivery.kind, unsubscribeUrl },
  };
}

/** Writes and sends one mail. A failure to write it is this mail's, and holds up no other. */
async function send(delivery: ClaimedDelivery): Promise<SendOutcome | { kind: 'empty' }> {
  let mail: OutgoingMail | undefined;
  try {
    mail = await write(delivery);
  } catch (error) {
    log.error('mail.unwritten', { deliveryId: delivery.id, kind: delivery.kind, error });
    return { kind: 'deferred', errorText: `it could not be written: ${messageOf(error)}` };
  }
  if (mail === undefined) return { kind: 'empty' };
  return await sendMail({ ...mail, returnPath: makeReturnPath(delivery.id) });
}

/** @returns false when the mail server is not to be troubled with more for now. */
async function deliver(delivery: ClaimedDelivery): Promise<boolean> {
  const { id, kind } = delivery;
  const outcome = await send(delivery);
  switch (outcome.kind) {
    case 'sent':
      await finishDelivery(id);
      log.info('mail.sent', { deliveryId: id, kind });
      return true;
    case 'empty':
      // Its posts were withdrawn meanwhile, or the feeds that it was about removed.
      await dropDelivery(id);
      return true;
    case 'refused':
      await giveUpDelivery(id, outcome.errorText, outcome);
      log.warn('mail.refused', { deliveryId: id, kind, errorText: outcome.errorText });
      return true;
    case 'deferred':
    case 'failed':
      await postponeDelivery(id, outcome.errorText);
      log.warn('mail.failed', { deliveryId: id, kind, errorText: outcome.errorText });
      return outcome.kind === 'deferred';
    case 'off':
      return false;
    default:
      return unreachable(outcome);
  }
}

/**
 * Sends every mail that is due, some at once. A mail counts as sent when the mail server has taken
 * it; after a crash between the two it is sent again, with the same Message-ID. When the server is
 * away, the rest waits for the next run; the first goes alone, so that this costs one a try.
 * @param signal stops it between two mails.
 * @returns how many were tried; 0 without SMTP_URL, when all of them wait.
 */
export async function deliverMail(signal?: AbortSignal): Promise<number> {
  if (config().smtpUrl === undefined) return 0;
  let tried = 0;
  let goesOn = true;
  const deliverNext = async () => {
    const delivery = signal?.aborted ? undefined : await claimDelivery();
    if (delivery === undefined) return false;
    tried += 1;
    if (!(await deliver(delivery))) goesOn = false;
    return goesOn;
  };
  const deliverAll = async () => {
    while (goesOn && (await deliverNext()));
  };
  if (await deliverNext()) {
    await Promise.all(Array.from({ length: LANES }, deliverAll));
  }
  return tried;
}
