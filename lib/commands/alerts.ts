import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { readAlertWords } from '../alerts/alert-wish.ts';
import { readEmailAddress } from '../alerts/email-address.ts';
import { makeToken, readToken } from '../alerts/tokens.ts';
import { unreachable } from '../errors.ts';
import { type Cadence, isCadence } from '../model/alert.ts';
import { readTimeZone } from '../model/time-zone.ts';
import { readWebhookAddress } from '../model/webhook.ts';
import { getAlert, getSubscriber } from '../queries/alerts.ts';
import { resolveSources } from '../queries/query-fields.ts';
import { changeAlertWords, type WordsOutcome } from '../store/alert-words.ts';
import {
  type AlertChange,
  changeAlert,
  confirmAlert,
  deleteAlert,
  deleteSubscriber,
  requestAlert,
  rotateSubscriber,
} from '../store/alerts.ts';
import { setDigestTimes } from '../store/digest-times.ts';
import { setTellsChanges } from '../store/post-changes.ts';
import { setQuietMails } from '../store/quiet-alerts.ts';
import { setNeverAsked } from '../store/suppressions.ts';

/** From one network: a household that tries words out, not a program that tries addresses. */
const REQUESTS_MAX = 30;
const REQUESTS_SECONDS = 3600;

const limiter = new RateLimiterMemory({ points: REQUESTS_MAX, duration: REQUESTS_SECONDS });

/** How asking for an alert ended. `asked` says nothing of whether the address is known. */
export type AskOutcome =
  | { kind: 'asked' }
  | { kind: 'invalid'; field: 'email' | 'query' | 'policy' | 'webhook' | 'cadence' }
  | { kind: 'too-many' };

/** What the form says; all as typed. */
export interface AskForm {
  email: string;
  query: string;
  cadence: string;
  policy?: string;
  webhook?: string;
}

/** What no text in Postgres or a mail's subject may have stands between words, like a space. */
const cleanQuery = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/**
 * Asks for an alert: stores the wish and leaves the mail that asks its address to confirm it.
 * @param network where it comes from, for the limit.
 */
export async function askForAlert(form: AskForm, network: string): Promise<AskOutcome> {
  const query = cleanQuery(form.query);
  const cadence = form.cadence === '' ? 'instant' : form.cadence;
  const address = readEmailAddress(form.email);
  const words = readAlertWords(query, form.policy ?? '');
  const webhook = form.webhook?.trim() ? readWebhookAddress(form.webhook) : undefined;
  if (words.kind === 'invalid') return { kind: 'invalid', field: words.field };
  if (webhook?.kind === 'invalid') return { kind: 'invalid', field: 'webhook' };
  if (!isCadence(cadence)) return { kind: 'invalid', field: 'cadence' };
  if (address === undefined) return { kind: 'invalid', field: 'email' };
  try {
    await limiter.consume(network);
  } catch (limit) {
    if (!(limit instanceof RateLimiterRes)) throw limit;
    return { kind: 'too-many' };
  }
  const outcome = await requestAlert({
    ...address,
    query,
    queryKey: words.queryKey,
    tree: await resolveSources(words.tree),
    cadence,
    ...(words.policy === undefined ? {} : { policy: words.policy.text }),
    ...(webhook === undefined ? {} : { webhook }),
  });
  switch (outcome) {
    case 'no-word':
      return { kind: 'invalid', field: 'query' };
    // A suppressed address, or one that had too many mails, is answered like any other.
    case 'mailed':
    case 'suppressed':
    case 'too-many':
      return { kind: 'asked' };
    default:
      return unreachable(outcome);
  }
}

/**
 * Confirms the alert of a link. @returns the token of its owner's page; undefined when nothing
 * was begun: a link that was used opens nothing for whoever finds it.
 */
export async function confirmByToken(token: string): Promise<string | undefined> {
  const claim = readToken('confirm', token);
  if (claim === undefined || !(await confirmAlert(claim))) return undefined;
  const found = await getAlert(claim, 'confirm');
  return found && makeToken('manage', found.subscriber);
}

/** Stops the alert of a link in a mail, or starts it again. @returns false for a bad link. */
export async function changeByToken(token: string, status: 'ended' | 'active'): Promise<boolean> {
  const claim = readToken('unsubscribe', token);
  return claim !== undefined && changeAlert(claim.id, { version: claim.version }, { status });
}

/** What the owner of a page may ask for. */
const OWNER_REQUESTS = [
  'pause',
  'resume',
  'delete',
  'instant',
  'daily',
  'weekly',
  'feed',
  'rotate',
  'forget',
] as const;
export type OwnerRequest = (typeof OWNER_REQUESTS)[number];
export const isOwnerRequest = (text: string): text is OwnerRequest =>
  OWNER_REQUESTS.some((one) => one === text);

const CHANGES: Record<'pause' | 'resume' | Cadence, AlertChange> = {
  pause: { status: 'paused' },
  resume: { status: 'active' },
  instant: { cadence: 'instant' },
  daily: { cadence: 'daily' },
  weekly: { cadence: 'weekly' },
  feed: { cadence: 'feed' },
};

/**
 * Does what the owner of a page asks for.
 * @param alertId of which alert; means nothing to `rotate` and `forget`.
 * @returns the token of the page from now on; undefined when the link is not in force.
 */
export async function changeByOwner(
  token: string,
  request: OwnerRequest,
  alertId: number,
): Promise<string | undefined> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return undefined;
  switch (request) {
    case 'rotate': {
      const version = await rotateSubscriber(claim.id);
      return version === undefined ? undefined : makeToken('manage', { ...claim, version });
    }
    case 'forget':
      await deleteSubscriber(claim.id);
      return token;
    case 'delete':
      await deleteAlert(alertId, claim.id);
      return token;
    default:
      await changeAlert(alertId, { subscriberId: claim.id }, CHANGES[request]);
      return token;
  }
}

/**
 * Sets when digests come to the owner of a page; an empty text takes what the site has.
 * @returns undefined when the link is not in force.
 */
export async function setTimesByOwner(
  token: string,
  form: { hour: string; zone: string },
): Promise<'set' | 'unknown-zone' | undefined> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return undefined;
  const hour = /^(1?\d|2[0-3])$/u.test(form.hour) ? Number(form.hour) : undefined;
  const zone = form.zone.trim() === '' ? undefined : readTimeZone(form.zone);
  if (zone === undefined && form.zone.trim() !== '') return 'unknown-zone';
  return (await setDigestTimes(claim.id, { hour, zone })) ? 'set' : 'unknown-zone';
}

/**
 * Gives an alert of the owner of a page other words.
 * @returns `invalid` when they cannot be read; undefined when the link is not in force.
 */
export async function changeWordsByOwner(
  token: string,
  alertId: number,
  form: { query: string; policy: string },
): Promise<WordsOutcome | 'invalid' | undefined> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return undefined;
  const query = cleanQuery(form.query);
  const words = readAlertWords(query, form.policy);
  if (words.kind === 'invalid') return 'invalid';
  return changeAlertWords(alertId, claim.id, {
    query,
    policy: words.policy?.text ?? null,
    queryKey: words.queryKey,
    tree: await resolveSources(words.tree),
  });
}

/** Whether an alert of the owner of a page tells changes. @returns false for a bad link. */
export async function setTellsChangesByOwner(
  token: string,
  alertId: number,
  tellsChanges: boolean,
): Promise<boolean> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return false;
  return setTellsChanges(alertId, claim.id, tellsChanges);
}

/** Whether the owner of a page is told of quiet alerts. @returns false for a bad link. */
export async function setQuietByOwner(token: string, wants: boolean): Promise<boolean> {
  const claim = readToken('manage', token);
  if (claim === undefined || (await getSubscriber(claim)) === undefined) return false;
  return setQuietMails(claim.id, wants);
}

/** The same by the link in such a mail. */
export async function setQuietByToken(token: string, wants: boolean): Promise<boolean> {
  const claim = readToken('quiet', token);
  return claim !== undefined && setQuietMails(claim.id, wants);
}

/** Says by the link in a confirmation that its address is never to be asked again, or lifts that. */
export async function setNeverByToken(token: string, never: boolean): Promise<boolean> {
  const claim = readToken('never', token);
  return claim !== undefined && setNeverAsked(claim.id, never);
}
