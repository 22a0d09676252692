import { unreachable } from '../../lib/errors.ts';
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
import type { Exchange } from '../../lib/model/fetching.ts';
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

/** Failures that say something of the icon, rather than of the way to it. */
const LASTING: ReadonlySet<string> = new Set(['too-large', 'blocked', 'bad-redirect']);

/** It may be known another time. */
interface Later {
  kind: 'later';
  retryAfterSeconds?: number | undefined;
}

/**
 * `url` null: its site has none that can be shown, or does not let us look. Guessed without its page,
 * which may name another.
 */
type Looked = { kind: 'known'; url: string | null } | { kind: 'guessed'; url: string } | Later;

/** Where a site's icons may stand. `none`: at its page are none for us. */
type SitePage =
  | { kind: 'page'; url: string; html: string }
  | { kind: 'none' | 'forbidden' }
  | Later;

async function readSitePage(pageUrl: string, signal?: AbortSignal): Promise<SitePage> {
  let url = pageUrl;
  for (let moves = 0; moves <= MOVES_MAX; moves++) {
    const { spent, ...answer } = await fetchPage(url, { signal });
    countExchange('icon', spent);
    switch (answer.kind) {
      case 'page':
        return { kind: 'page', url, html: new TextDecoder().decode(answer.body) };
      case 'failed':
        return { kind: 'later', retryAfterSeconds: answer.retryAfterSeconds };
      case 'refused':
        return { kind: answer.reason === 'robots' ? 'forbidden' : 'none' };
      case 'moved':
        url = answer.url;
        break;
      default:
        unreachable(answer);
    }
  }
  return { kind: 'none' };
}

/** Whether there is a picture at an address that can stand for a source. */
async function isIcon(url: string, signal?: AbortSignal): Promise<boolean | Later> {
  const tally = (exchange: Exchange) => countExchange('icon', exchange);
  const verdict = await hostRobots.check(url, { signal, tally });
  if (!verdict.allowed) return verdict.isUnreachable ? { kind: 'later' } : false;
  const answer = await fetchSpaced({
    url,
    signal,
    headers: { accept: 'image/*' },
    bodyBytesMax: ICON_BYTES_MAX,
  });
  tally(answer.exchange);
  if (answer.kind === 'failed') return LASTING.has(answer.error) ? false : { kind: 'later' };
  if (answer.status === 429 || answer.status >= 500) {
    const seconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
    return { kind: 'later', retryAfterSeconds: seconds };
  }
  if (answer.status !== 200) return false;
  const picture = describePicture(answer.body);
  if (typeof picture === 'string') return false;
  const { width, height } = picture.size ?? { width: 1, height: 1 };
  return Math.max(width, height) <= SIDES_RATIO_MAX * Math.min(width, height);
}

async function lookFor({ pageUrl }: IconToFind, signal?: AbortSignal): Promise<Looked> {
  const page = await readSitePage(pageUrl, signal);
  if (page.kind === 'forbidden') return { kind: 'known', url: null };
  // A server that asks for rest gets it; one that lacks the page may have an icon.
  if (page.kind === 'later' && page.retryAfterSeconds !== undefined) return page;
  const [named, from] =
    page.kind === 'page' ? [findNamedIcons(page.html, page.url), page.url] : [[], pageUrl];
  // Where browsers look that are told nothing (HTML, 4.6.7.6).
  const usual = new URL('/favicon.ico', from).href;
  let later = page.kind === 'later' ? page : undefined;
  for (const url of new Set([...named.slice(0, TRIED_MAX), usual])) {
    const found = await isIcon(url, signal);
    if (found === true) return { kind: page.kind === 'later' ? 'guessed' : 'known', url };
    if (found !== false) later ??= found;
  }
  return later ?? { kind: 'known', url: null };
}

async function findIcon(icon: IconToFind, signal?: AbortSignal): Promise<void> {
  const looked = await lookFor(icon, signal);
  if (signal?.aborted) return;
  const restSeconds = looked.kind === 'later' ? (looked.retryAfterSeconds ?? 0) : 0;
  const restMs = Math.min(restSeconds * 1000, RETRY_AFTER_LONGEST_MS);
  const pauseMs = Math.max(looked.kind === 'known' ? ICON_KEPT_MS : ICON_RETRY_MS, restMs);
  await saveSourceIcon(icon.feedId, {
    url: looked.kind === 'later' ? undefined : looked.url,
    isGuess: looked.kind === 'guessed',
    nextAskAt: new Date(Date.now() + pauseMs),
  });
  const isFound = looked.kind !== 'later' && looked.url !== null;
  log.info('icon.looked_for', { feedId: icon.feedId, kind: looked.kind, isFound });
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
