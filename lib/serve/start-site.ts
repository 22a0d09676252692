import { config } from '../config.ts';
import { log } from '../log.ts';
import { followCacheEvents } from './cache-events.ts';
import { expireTags } from './invalidate.ts';
import { shared } from './shared.ts';

/** Starts what a site process does beside answering. It ends with the process. */
export function startSite(): void {
  const { databaseUrl } = config();
  if (databaseUrl === undefined) {
    log.warn('serve.no_database', { consequence: 'pages stay up to five minutes behind' });
    return;
  }
  followCacheEvents({
    databaseUrl,
    apply: expireTags,
    onApplied: (ids) => {
      shared().appliedEvents = new Set(ids);
    },
  });
}
