import { afterAll, beforeAll, beforeEach } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { type Fetched, fetchFeed } from '../../lib/ingest/fetch-feed.ts';
import type { Validators } from '../../lib/model/feed.ts';
import { type Answer, type LyingServer, startLyingServer } from './lying-server.ts';

export interface FetchedSite {
  readonly url: string;
  /** Since the file began. */
  readonly requests: LyingServer['requests'];
  /** Fetches a path of it as a feed. */
  ask(path: string, validators?: Validators): Promise<Fetched>;
}

/** A server on loopback that answers as it is told, for a test file that fetches without a database. */
export function useFetchedSite(answers: Record<string, Answer>): FetchedSite {
  let server: LyingServer;
  beforeAll(async () => {
    server = await startLyingServer(answers);
  });
  beforeEach(() => {
    provideSettings({
      FETCH_ALLOW: '127.0.0.1/32',
      FETCH_HOST_DELAY_MS: '0',
      FETCH_HOST_CONCURRENCY: '4',
      SITE_URL: 'https://wire.example',
      OPERATOR_CONTACT: 'ops@wire.example',
      LOG_LEVEL: 'silent',
    });
  });
  afterAll(async () => {
    await closeFetchConnections();
    await server.stop();
  });
  return {
    get url() {
      return server.url;
    },
    get requests() {
      return server.requests;
    },
    ask: (path, validators = {}) => fetchFeed(`${server.url}${path}`, validators),
  };
}
