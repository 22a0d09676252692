import { Meilisearch, MeilisearchApiError, MeilisearchRequestError } from 'meilisearch';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';

/** A search that takes longer is of no use to a reader; indexing waits for its task instead. */
const REQUEST_MS_MAX = 5000;

/** Meilisearch does not answer, or not in time. Nothing is lost: Postgres has everything. */
export class SearchUnavailable extends Error {
  constructor(cause: unknown) {
    super(`Meilisearch at ${config().meiliUrl} does not answer: ${messageOf(cause)}`, { cause });
    this.name = 'SearchUnavailable';
  }
}

let made: { key: string; client: Meilisearch } | undefined;

/** The client, or undefined when no Meilisearch is set up. */
export function searchClient(): Meilisearch | undefined {
  const { meiliUrl, meiliKey } = config();
  if (meiliUrl === undefined) return undefined;
  const key = `${meiliUrl} ${meiliKey}`;
  if (made?.key !== key) {
    made = {
      key,
      client: new Meilisearch({
        host: meiliUrl,
        apiKey: meiliKey,
        timeout: REQUEST_MS_MAX,
        // Compressed answers come in small packets, and delayed ACKs make each search 40 ms.
        requestInit: { headers: { 'accept-encoding': 'identity' } },
      }),
    };
  }
  return made.client;
}

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

/** Whether Meilisearch answers; undefined when none is set up. */
export async function isSearchHealthy(): Promise<boolean | undefined> {
  return searchClient()?.isHealthy();
}
