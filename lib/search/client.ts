import { Meilisearch, MeilisearchApiError, MeilisearchRequestError } from 'meilisearch';
import { config } from '../config.ts';
import { messageOf, TagwireError } from '../errors.ts';
import { log } from '../log.ts';
import { Breaker } from './breaker.ts';

/** All requests of one search. One that takes longer is answered by Postgres sooner. */
const SEARCH_MS_MAX = 700;
/** A batch of documents has megabytes, and the server may be busy with the one before. */
const WRITE_MS_MAX = 120_000;

const statusOf = (error: unknown) =>
  error instanceof MeilisearchApiError ? error.response.status : 0;

/** It answers, but wants another key. */
const isRefusal = (error: unknown) => [401, 403].includes(statusOf(error));

/**
 * Meilisearch does not answer, or not in time, or not to our key. Nothing is lost: Postgres has
 * everything.
 */
export class SearchUnavailable extends TagwireError {
  override readonly name = 'SearchUnavailable';

  constructor(cause: unknown) {
    const [does, next] = isRefusal(cause)
      ? [
          'refuses MEILI_KEY',
          'Set MEILI_KEY to its master key, or to a key for all actions on the indexes posts*.',
        ]
      : ['does not answer', 'Start Meilisearch, or check MEILI_URL and MEILI_KEY.'];
    super(`Meilisearch at ${config().meiliUrl} ${does}: ${messageOf(cause)}`, next, { cause });
  }
}

const clients = new Map<string, Meilisearch>();

function client(timeout?: number): Meilisearch | undefined {
  const { meiliUrl: host, meiliKey: apiKey } = config();
  if (host === undefined) return undefined;
  const settings = JSON.stringify([host, apiKey, timeout]);
  const known = clients.get(settings);
  if (known !== undefined) return known;
  // Compressed answers come in small packets, and delayed ACKs make each search 40 ms.
  const requestInit = { headers: { 'accept-encoding': 'identity' } };
  const made = new Meilisearch({
    host,
    apiKey,
    requestInit,
    ...(timeout === undefined ? {} : { timeout }),
  });
  clients.set(settings, made);
  return made;
}

/** By the address of the server. */
const breakers = new Map<string, Breaker>();

/**
 * Asks Meilisearch for a reader. `ask` gives the signal to each of its requests: they end together,
 * in time, and while the server is silent nobody else waits for it. (With a signal the client's own
 * timeout does nothing.)
 * @returns undefined when no Meilisearch is set up.
 * @throws SearchUnavailable
 */
export async function askForReader<T>(
  ask: (client: Meilisearch, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const known = client();
  if (known === undefined) return undefined;
  const { meiliUrl = '' } = config();
  const breaker = breakers.get(meiliUrl) ?? new Breaker();
  breakers.set(meiliUrl, breaker);
  const attempt = breaker.begin();
  if (attempt === undefined) throw new SearchUnavailable('it has been silent a moment ago');
  const signal = AbortSignal.timeout(SEARCH_MS_MAX);
  try {
    const answer = await ask(known, signal);
    attempt.answered();
    return answer;
  } catch (error) {
    if (!(error instanceof SearchUnavailable && signal.aborted)) attempt.answered();
    else if (attempt.silent()) log.warn('search.silent', { url: meiliUrl, afterMs: SEARCH_MS_MAX });
    throw error;
  }
}

/** The client for writing, which is patient. */
export const indexClient = () => client(WRITE_MS_MAX);

/** Turns "cannot be reached" and "refuses our key" into SearchUnavailable; anything else is thrown as it is. */
export async function reach<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const isAway = error instanceof MeilisearchRequestError || statusOf(error) >= 500;
    if (isAway || isRefusal(error)) {
      throw new SearchUnavailable(error);
    }
    if (error instanceof Error && error.name === 'MeilisearchRequestTimeOutError') {
      throw new SearchUnavailable(error);
    }
    throw error;
  }
}
