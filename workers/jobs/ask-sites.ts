import type { FetchAnswer, FetchRequest } from '../../lib/fetch/client.ts';
import { retryAfterSeconds } from '../../lib/fetch/retry-after.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import { readRobotsWish } from '../../lib/ingest/robots-wish.ts';
import { log } from '../../lib/log.ts';
import {
  RETRY_AFTER_LONGEST_MS,
  ROBOTS_BYTES_MAX,
  SITE_WISH_KEPT_MS,
  SITE_WISH_RETRY_MS,
} from '../../lib/model/fetch-policy.ts';
import type { UseWish } from '../../lib/model/use-wish.ts';
import { claimSitesToAsk, saveSiteWish } from '../../lib/store/site-wishes.ts';
import { countExchange } from '../metrics.ts';

/** Asked at once; each is another host. */
const SITES_AT_ONCE = 8;

/** What an answer says; undefined when it is none that says anything (RFC 9309, 2.3.1). */
function wishIn(answer: FetchAnswer): UseWish | undefined {
  if (answer.kind === 'failed') return undefined;
  const { status, body } = answer;
  if (status === 200) return readRobotsWish(new TextDecoder().decode(body));
  // No such file: a site that says nothing. Anything else is no answer of its owner's.
  return status === 404 || status === 410 ? {} : undefined;
}

async function askSite(origin: string, signal?: AbortSignal): Promise<void> {
  const wanted: FetchRequest = {
    url: `${origin}/robots.txt`,
    signal,
    bodyBytesMax: ROBOTS_BYTES_MAX,
    cutsBody: true,
  };
  const answer = await fetchSpaced(wanted);
  if (signal?.aborted) return;
  countExchange('robots', answer.exchange);
  const wish = wishIn(answer);
  const now = Date.now();
  const restSeconds =
    answer.kind === 'failed' ? undefined : retryAfterSeconds(answer.headers['retry-after'], now);
  const restMs = Math.min((restSeconds ?? 0) * 1000, RETRY_AFTER_LONGEST_MS);
  const pauseMs = Math.max(wish === undefined ? SITE_WISH_RETRY_MS : SITE_WISH_KEPT_MS, restMs);
  await saveSiteWish(origin, { wish, nextAskAt: new Date(now + pauseMs) });
  log.info('site.asked', {
    origin,
    outcome: answer.kind === 'failed' ? answer.error : answer.status,
  });
}

/**
 * Asks the sites of sources, a few at once, what their robots.txt says of use by robots, until
 * none is due. May run twice and anywhere.
 * @returns how many were asked.
 */
export async function askSites(signal?: AbortSignal): Promise<number> {
  let asked = 0;
  while (!signal?.aborted) {
    const origins = await claimSitesToAsk(SITES_AT_ONCE);
    if (origins.length === 0) break;
    await Promise.all(origins.map((origin) => askSite(origin, signal)));
    asked += origins.length;
  }
  return asked;
}
