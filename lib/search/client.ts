import { Meilisearch, MeilisearchApiError, MeilisearchRequestError } from 'meilisearch';
import { config } from '../config.ts';
import { messageOf, TagwireError } from '../errors.ts';
import { log } from '../log.ts';
import { Breaker } from './breaker.ts';

/** All requests of one search. One that takes longer is answered by Postgres sooner. */
const SEARCH_MS_MAX = 700;
/** A batch of documents has megabytes, and the server may be busy with the one before. */
const WRITE_MS_MAX = 120_000;

/** Meilisearch does not answer, or not in time. Nothing is lost: Postgres has everything. */
export class SearchUnavailable extends TagwireError {
  override readonly name = 'SearchUnavailable';

  constructor(cause: unknown) {
    super(
      `Meilisearch at ${config().meiliUrl} does not answer: ${messageOf(cause)}`,
      'Start Meilisearch, or check MEILI_URL and MEILI_KEY.',
      { cause },
    );
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

/** Turns "cannot be reached" into SearchUnavailable; anything else is thrown as it is. */
export async function reach<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const status = error instanceof MeilisearchApiError ? error.response.status : 0;
    if (error instanceof MeilisearchRequestError || status >= 500) {
      throw new SearchUnavailable(error);
    }
    if (error instanceof Error && error.name === 'MeilisearchRequestTimeOutError') {
      throw new SearchUnavailable(error);
    }
    throw error;
  }
}
