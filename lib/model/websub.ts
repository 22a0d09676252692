import { createHmac, timingSafeEqual } from 'node:crypto';

// What subscriptions with WebSub hubs (W3C Recommendation, 23 January 2018) go by. Times in
// milliseconds unless a name says otherwise; clock and chance come in.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Hubs tried of one feed: a hostile one could name a thousand. */
const HUBS_MAX = 3;
/** What we ask for; hubs grant what they like. */
export const LEASE_SECONDS_WANTED = 10 * 24 * 3600;
/** Asked anew at least this often: some hubs grant years, and forget within weeks. */
const LEASE_MS_MAX = 30 * DAY_MS;
/** However short a lease is, the hub is not asked more often than this. */
const RENEWAL_MS_MIN = 10 * MINUTE_MS;
/** Subscriptions that began together must not be renewed together for ever. */
const JITTER_SHARE = 0.1;
const RETRY_FIRST_MS = HOUR_MS;
const RETRY_LONGEST_MS = 7 * DAY_MS;
const DENIED_MS = 7 * DAY_MS;
/** A feed that has brought nothing for so long is not worth a hub's memory. */
export const LIVELY_DAYS = 30;
const SENTENCE_CHARACTERS_MAX = 200;

const spread = (ms: number, random: number) => ms * (1 + JITTER_SHARE * (2 * random - 1));

/**
 * How long a subscription holds that a hub has verified with these `hub.lease_seconds`. Without
 * any, as hubs of PubSubHubbub 0.3 verify, as long as we asked for.
 */
export function leaseMs(seconds: string | null): number {
  const granted = /^\d{1,12}$/u.test(seconds ?? '') ? Number(seconds) : 0;
  return Math.min((granted > 0 ? granted : LEASE_SECONDS_WANTED) * 1000, LEASE_MS_MAX);
}

/** When to renew: at half of the lease, a little sooner or later by chance. */
export function renewalAt(now: Date, lease: number, random: number): Date {
  return new Date(now.getTime() + Math.max(spread(lease / 2, random), RENEWAL_MS_MIN));
}

/** When to ask again if nothing comes of this request: after an hour, then twice as long, to a week. */
export function retryAt(now: Date, attempts: number, random: number): Date {
  // 2 to a higher power is far beyond the longest pause anyway.
  const pause = Math.min(RETRY_FIRST_MS * 2 ** Math.min(attempts, 20), RETRY_LONGEST_MS);
  return new Date(now.getTime() + spread(pause, random));
}

/** When to ask a hub again that has said no. */
export const deniedUntil = (now: Date, random: number) =>
  new Date(now.getTime() + spread(DENIED_MS, random));

/** Whether two addresses name one topic, however a hub writes it. */
export function isSameTopic(given: string | null, topic: string): boolean {
  if (given === null) return false;
  return (
    given === topic || (URL.canParse(given) && URL.parse(given)?.href === URL.parse(topic)?.href)
  );
}

/** What somebody else's program says, as part of a sentence of ours. */
export function oneSentence(text: string): string {
  const plain = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return plain.slice(0, SENTENCE_CHARACTERS_MAX).toWellFormed();
}

/** The methods of the Recommendation (section 7.1), and how long their digests are in hexadecimal. */
const SIGNATURE = /^\s*(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})\s*$/iu;

/**
 * Whether `X-Hub-Signature` is that of these bytes under this secret (WebSub, section 7.1), in a
 * time that does not tell how far it is right.
 */
export function isSigned(header: string | null, body: Uint8Array, secret: string): boolean {
  const [, method = '', hex = ''] = SIGNATURE.exec(header ?? '') ?? [];
  if (method === '') return false;
  const expected = createHmac(method.toLowerCase(), secret).update(body).digest();
  const given = Buffer.from(hex, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * What we take up of what a feed names: hubs of its Link headers, else of its document, and its
 * topic, null for its own address (WebSub, section 4).
 */
export function offerOf(
  links: { hubs: readonly string[]; self?: string },
  channel: { hubs?: readonly string[]; self?: string },
): { hubs: string[]; topic: string | null } {
  const named = links.hubs.length > 0 ? links.hubs : (channel.hubs ?? []);
  const hubs = [...new Set(named)].slice(0, HUBS_MAX);
  return { hubs, topic: hubs.length > 0 ? (links.self ?? channel.self ?? null) : null };
}

/** What is known of a feed's subscription when its next poll is planned. */
export interface PushState {
  leaseUntil: Date | null;
  /** The last push that could be read. */
  pushedAt: Date | null;
  /** When a poll last found what no push had brought. */
  missedAt: Date | null;
}

const PUSH_DAYS_TRUSTED = 30;

/**
 * Whether a feed's news may be expected to come by itself: its lease holds, a push came within 30
 * days, and no poll has since found what no push had brought.
 */
export function isPushed(state: PushState | null | undefined, now: Date): boolean {
  if (!state?.leaseUntil || state.leaseUntil <= now || !state.pushedAt) return false;
  if (state.missedAt !== null && state.missedAt >= state.pushedAt) return false;
  return now.getTime() - state.pushedAt.getTime() < PUSH_DAYS_TRUSTED * DAY_MS;
}
