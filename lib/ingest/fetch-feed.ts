import type { FetchAnswer } from '../fetch/client.ts';
import { retryAfterSeconds } from '../fetch/retry-after.ts';
import { fetchSpaced } from '../fetch/spacing.ts';
import type { FetchOutcome, Validators } from '../model/feed.ts';
import type { Exchange } from '../model/fetching.ts';
import { readUseWish } from '../model/use-wish.ts';
import { readLinkHeader } from './link-header.ts';

const ACCEPT =
  'application/atom+xml, application/rss+xml, application/feed+json;q=0.9, ' +
  'application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.5';
const GONE = 410;
const TOO_MANY_REQUESTS = 429;
const SERVICE_UNAVAILABLE = 503;

/** How a feed answered, and what that came to on the wire. */
export type Fetched = FetchOutcome & { exchange: Exchange };

/**
 * Asks for a feed once, with its validators (a conditional GET, RFC 9110, 13.1), when its host
 * may be asked. Expected failures are values with a sentence for the operator. `signal` calls it
 * off: then it throws, or answers with a failure that says nothing about the feed.
 */
export async function fetchFeed(
  url: string,
  validators: Validators,
  signal?: AbortSignal,
): Promise<Fetched> {
  const answer = await fetchSpaced({
    url,
    signal,
    headers: {
      accept: ACCEPT,
      ...(validators.etag ? { 'if-none-match': validators.etag } : {}),
      ...(validators.lastModified ? { 'if-modified-since': validators.lastModified } : {}),
    },
  });
  return { ...outcomeOf(answer, validators), exchange: answer.exchange };
}

function outcomeOf(answer: FetchAnswer, validators: Validators): FetchOutcome {
  if (answer.kind === 'failed') return answer;
  const { status, headers, finalUrl } = answer;
  const host = new URL(finalUrl).host;
  const given = validatorsOf(headers);
  const fresh = freshSeconds(headers);
  const freshness = {
    ...(fresh === undefined ? {} : { freshSeconds: fresh }),
    ...(answer.movedPermanently ? { movedTo: finalUrl } : {}),
  };
  if (status === 304 && answer.exchange.isConditional) {
    return { kind: 'not-modified', validators: { ...validators, ...given }, ...freshness };
  }
  if (status === 200) {
    const contentType = headers['content-type'];
    return {
      kind: 'modified',
      body: answer.body,
      finalUrl,
      validators: given,
      ...(contentType === undefined ? {} : { contentType }),
      links: readLinkHeader(headers.link ?? '', finalUrl),
      useWish: readUseWish(headers),
      ...freshness,
    };
  }
  const seconds = retryAfterSeconds(headers['retry-after'], Date.now());
  const retry = seconds === undefined ? {} : { retryAfterSeconds: seconds };
  if (status === GONE) {
    return { kind: 'gone', finalUrl, message: `${host}: gone for good (410)`, ...retry };
  }
  if (status === TOO_MANY_REQUESTS || (status === SERVICE_UNAVAILABLE && seconds !== undefined)) {
    const message = `${host}: asks us to come less often (${status})`;
    return { kind: 'rate-limited', status, finalUrl, message, ...retry };
  }
  const message = `${host}: ${describeStatus(status)}`;
  return { kind: 'failed', error: 'http', status, finalUrl, message, ...retry };
}

/** Longer ones are not kept: a server might refuse its own words when they come back to it. */
const VALIDATOR_CHARACTERS_MAX = 1024;

const isKept = (value: string | undefined): value is string =>
  value !== undefined && value !== '' && value.length <= VALIDATOR_CHARACTERS_MAX;

function validatorsOf(headers: Record<string, string>): Validators {
  const { etag, 'last-modified': lastModified } = headers;
  return {
    ...(isKept(etag) ? { etag } : {}),
    ...(isKept(lastModified) ? { lastModified } : {}),
  };
}

/** What a status says of a server, after its host's name. */
export function describeStatus(status: number): string {
  switch (status) {
    case 304:
      return 'says that nothing has changed, to a request that did not ask for that (304)';
    case 401:
    case 403:
      return `does not let us read it (${status})`;
    case 404:
      return 'there is nothing at this address (404)';
    default:
      return status >= 500 ? `has a fault of its own (${status})` : `answered with ${status}`;
  }
}

/** Seconds that an answer keeps, by Cache-Control max-age, else Expires (RFC 9111, 4.2.1). */
function freshSeconds(headers: Record<string, string>): number | undefined {
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})/iu.exec(headers['cache-control'] ?? '')?.[1];
  if (maxAge !== undefined) return Number(maxAge);
  const expires = Date.parse(headers.expires ?? '');
  const date = Date.parse(headers.date ?? '');
  if (Number.isNaN(expires)) return undefined;
  return Math.max(0, (expires - (Number.isNaN(date) ? Date.now() : date)) / 1000);
}
