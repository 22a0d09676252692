export type WebhookStatus = 'waiting' | 'testing' | 'active' | 'off' | 'gone';

/** After a secret was made anew, the one before signs as well for so long. */
export const OLD_SECRET_HOURS = 24;
/** An endpoint that takes nothing for so long is switched off. */
export const FAILING_DAYS_MAX = 5;
/** Events are kept for so long: the log, and what can be sent again. */
export const EVENT_DAYS_MAX = 30;

const URL_CHARACTERS_MAX = 2048;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u;

export type WebhookAddress =
  | { kind: 'address'; url: string; host: string }
  | { kind: 'invalid'; message: string };

/**
 * Reads the address of an endpoint. Others than https are for trying things out on one machine;
 * where a request really goes is decided when it is sent (lib/fetch/guard.ts).
 */
export function readWebhookAddress(text: string): WebhookAddress {
  const invalid = (message: string): WebhookAddress => ({ kind: 'invalid', message });
  const given = text.trim();
  if (given.length > URL_CHARACTERS_MAX || !URL.canParse(given)) {
    return invalid('This is no whole address: it begins with https:// and names a host.');
  }
  const url = new URL(given);
  const isLocal = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) {
    return invalid('Posts are sent with https:// only.');
  }
  if (url.username !== '' || url.password !== '') {
    return invalid(
      'User name and password cannot be part of the address; put a token into its path.',
    );
  }
  url.hash = '';
  return { kind: 'address', url: url.href, host: url.host };
}

/** One line of a webhook's log; times ISO 8601 in UTC. */
export interface WebhookEventView {
  id: number;
  messageId: string;
  status: 'pending' | 'sent' | 'dead';
  attempts: number;
  /** Null: a test. */
  postId: number | null;
  /** Null: the post has met the alert. */
  change: 'changed' | 'withdrawn' | null;
  title: string | null;
  createdAt: string;
  triedAt: string | null;
  nextAttemptAt: string;
  /** Of HTTP; null when nothing answered. */
  responseStatus: number | null;
  responseText: string | null;
}

/** An alert's webhook as its owner sees it. */
export interface WebhookView {
  id: number;
  alertId: number;
  url: string;
  status: WebhookStatus;
  secretVersion: number;
  oldSecretUntil: string | null;
  failingSince: string | null;
}
