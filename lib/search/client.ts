import { Meilisearch, MeilisearchApiError, MeilisearchRequestError } from 'meilisearch';
import { config } from '../config.ts';
import { messageOf, TagwireError } from '../errors.ts';

/** A search that takes longer is of no use to a reader. */
const SEARCH_MS_MAX = 5000;
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

function client(timeout: number): Meilisearch | undefined {
  const { meiliUrl: host, meiliKey: apiKey } = config();
  if (host === undefined) return undefined;
  const settings = JSON.stringify([host, apiKey, timeout]);
  const known = clients.get(settings);
  if (known !== undefined) return known;
  // Compressed answers come in small packets, and delayed ACKs make each search 40 ms.
  const requestInit = { headers: { 'accept-encoding': 'identity' } };
  const made = new Meilisearch({ host, apiKey, timeout, requestInit });
  clients.set(settings, made);
  return made;
}

/** The client for searches, or undefined when no Meilisearch is set up. */
export const searchClient = () => client(SEARCH_MS_MAX);

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
