import { retryAfterSeconds } from '../../lib/fetch/retry-after.ts';
import { fetchSpaced } from '../../lib/fetch/spacing.ts';
import { fetchPage } from '../../lib/ingest/fetch-page.ts';
import { hostRobots } from '../../lib/ingest/host-robots.ts';
import { findNamedIcons } from '../../lib/ingest/named-icons.ts';
import { log } from '../../lib/log.ts';
import {
  ICON_KEPT_MS,
  ICON_RETRY_MS,
  RETRY_AFTER_LONGEST_MS,
} from '../../lib/model/fetch-policy.ts';
import { describePicture } from '../../lib/pictures/picture-file.ts';
import { claimIconsToFind, type IconToFind, saveSourceIcon } from '../../lib/store/source-icons.ts';
import { countExchange } from '../metrics.ts';

/** Looked for at once; the hosts among them are asked in turns all the same. */
const SOURCES_AT_ONCE = 8;
/** Redirects of a site's page: to https, to www, to a language. */
const MOVES_MAX = 4;
/** Icons of one page that are tried until one can be shown. */
const TRIED_MAX = 4;
/** An icon is a few kilobytes; an SVG of a drawing program, some more. */
const ICON_BYTES_MAX = 200_000;
/** Of an icon that is wider than high, or the other way around, so little is left in a square. */
const SIDES_RATIO_MAX = 2;

type Looked =
  /** `url` null: its site has none that can be shown, or does not let us look. */
  { kind: 'known'; url: string | null } | { kind: 'later'; retryAfterSeconds?: number | undefined };

/** A page of a site in the places that its icons may be: null where it is not for us. */
async function readSitePage(
  pageUrl: string,
  signal?: AbortSignal,
): Promise<{ url: string; html: string } | null | Looked> {
  let url = pageUrl;
  for (let moves = 0; moves <= MOVES_MAX; moves++) {
    const { spent, ...answer } = await fetchPage(url, { signal });
    countExchange('icon', spent);
    if (answer.kind === 'page') return { url, html: new TextDecoder().decode(answer.body) };
    if (answer.kind === 'failed') {
      return { kind: 'later', retryAfterSeconds: answer.retryAfterSeconds };
    }
    if (answer.kind === 'refused') {
      return answer.reason === 'robots' ? { kind: 'known', url: null } : null;
    }
    url = answer.url;
  }
  return null;
}

/** Whether there is a picture at an address that can stand for a source. */
async function isIcon(url: string, signal?: AbortSignal): Promise<boolean | Looked> {
  const tally = (exchange: Parameters<typeof countExchange>[1]) => countExchange('icon', exchange);
  const verdict = await hostRobots.check(url, { signal, tally });
  if (!verdict.allowed) return false;
  const answer = await fetchSpaced({
    url,
    signal,
    headers: { accept: 'image/*' },
    bodyBytesMax: ICON_BYTES_MAX,
  });
  tally(answer.exchange);
  if (answer.kind === 'failed') return false;
  const seconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
  if (seconds !== undefined) return { kind: 'later', retryAfterSeconds: seconds };
  if (answer.status !== 200) return false;
  const picture = describePicture(answer.body);
  if (typeof picture === 'string') return false;
  const { width, height } = picture.size ?? { width: 1, height: 1 };
  return Math.max(width, height) <= SIDES_RATIO_MAX * Math.min(width, height);
}

async function lookFor({ pageUrl }: IconToFind, signal?: AbortSignal): Promise<Looked> {
  const page = await readSitePage(pageUrl, signal);
  if (page !== null && 'kind' in page) return page;
  const named = page === null ? [] : findNamedIcons(page.html, page.url);
  // Where browsers look that are told nothing (HTML, 4.6.7.6).
  const usual = new URL('/favicon.ico', page?.url ?? pageUrl).href;
  for (const url of [...new Set([...named.slice(0, TRIED_MAX), usual])]) {
    const found = await isIcon(url, signal);
    if (found === true) return { kind: 'known', url };
    if (found !== false) return found;
  }
  return { kind: 'known', url: null };
}

async function findIcon(icon: IconToFind, signal?: AbortSignal): Promise<void> {
  const looked = await lookFor(icon, signal);
  if (signal?.aborted) return;
  const isKnown = looked.kind === 'known';
  const restSeconds = isKnown ? 0 : (looked.retryAfterSeconds ?? 0);
  const restMs = Math.min(restSeconds * 1000, RETRY_AFTER_LONGEST_MS);
  const pauseMs = Math.max(isKnown ? ICON_KEPT_MS : ICON_RETRY_MS, restMs);
  await saveSourceIcon(icon.feedId, {
    url: isKnown ? looked.url : undefined,
    nextAskAt: new Date(Date.now() + pauseMs),
  });
  const outcome = isKnown ? (looked.url === null ? 'none' : 'found') : 'later';
  log.info('icon.looked_for', { feedId: icon.feedId, outcome });
}

/**
 * Looks for the icons of sources, a few at once, until none is due: what the site's page names,
 * else `/favicon.ico`, as the host's robots.txt allows. May run twice and anywhere.
 * @returns how many were looked for.
 */
export async function findIcons(signal?: AbortSignal): Promise<number> {
  let looked = 0;
  while (!signal?.aborted) {
    const due = await claimIconsToFind(SOURCES_AT_ONCE);
    if (due.length === 0) break;
    await Promise.all(due.map((icon) => findIcon(icon, signal)));
    looked += due.length;
  }
  return looked;
}
