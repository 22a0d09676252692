import { retryAfterSeconds } from '../fetch/retry-after.ts';
import { type RobotsTexts, UNREACHABLE_KEPT_MS } from '../fetch/robots.ts';
import { fetchSpaced } from '../fetch/spacing.ts';
import { addExchange, type Exchange, NOTHING_SPENT } from '../model/fetching.ts';
import { FULL_TEXT_REASONS, type FullTextReason } from '../model/full-text.ts';
import { describeStatus } from './fetch-feed.ts';
import { hostRobots } from './host-robots.ts';
import { findNo } from './reduce-page.ts';

const ACCEPT = 'text/html, application/xhtml+xml;q=0.9';
const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/iu;
const TOO_MANY_REQUESTS = 429;

/** How one request for a page ended. */
type PageAnswer =
  | { kind: 'page'; body: Uint8Array; contentType: string }
  /** A redirect; where it leads is asked in its own turn, as its own robots.txt allows. */
  | { kind: 'moved'; url: string }
  /** It is not for us: asking again would not help. */
  | { kind: 'refused'; reason: FullTextReason; message: string }
  | {
      kind: 'failed';
      message: string;
      retryAfterSeconds?: number;
      /** It was not asked for, and would not be before. */
      pauseMsMin?: number;
    };

export type FetchedPage = PageAnswer & {
  /** What it came to on the wire, a robots.txt that had to be asked for included. */
  spent: Exchange;
};

export interface FetchPageOptions {
  signal?: AbortSignal | undefined;
  /** Remembers what hosts let us read; the process's own by default. */
  robots?: RobotsTexts | undefined;
}

/**
 * Asks for a page once, if its host's robots.txt lets us read it, when the host may be asked.
 * `signal` calls it off: then it throws, or answers with a failure that says nothing.
 */
export async function fetchPage(
  url: string,
  { signal, robots = hostRobots }: FetchPageOptions,
): Promise<FetchedPage> {
  let spent = NOTHING_SPENT;
  const tally = (exchange: Exchange) => {
    spent = addExchange(spent, exchange);
  };
  const verdict = await robots.check(url, { signal, tally });
  if (!verdict.allowed) {
    const message = verdict.reason;
    if (verdict.isUnreachable) {
      const { retryAfterSeconds: seconds } = verdict;
      const rest = seconds === undefined ? {} : { retryAfterSeconds: seconds };
      return { kind: 'failed', message, pauseMsMin: UNREACHABLE_KEPT_MS, ...rest, spent };
    }
    return { kind: 'refused', reason: 'robots', message, spent };
  }
  const answer = await fetchSpaced({ url, signal, follows: false, headers: { accept: ACCEPT } });
  tally(answer.exchange);
  return { ...read(answer, url), spent };
}

function read(answer: Awaited<ReturnType<typeof fetchSpaced>>, url: string): PageAnswer {
  if (answer.kind === 'failed') {
    const { error, message } = answer;
    return error === 'too-large'
      ? { kind: 'refused', reason: 'too-large', message }
      : { kind: 'failed', message };
  }
  const { status, headers, body } = answer;
  const { host } = new URL(url);
  const { location } = headers;
  if (status >= 300 && status < 400 && location !== undefined) {
    return URL.canParse(location, url)
      ? { kind: 'moved', url: new URL(location, url).href }
      : { kind: 'failed', message: `${host}: redirected to "${location.slice(0, 100)}"` };
  }
  if (status !== 200) {
    const seconds = retryAfterSeconds(headers['retry-after'], Date.now());
    const why =
      status === TOO_MANY_REQUESTS ? 'asks us to come less often' : describeStatus(status);
    return {
      kind: 'failed',
      message: `${host}: ${why}`,
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    };
  }
  const no = findNo(headers['x-robots-tag'] ?? '');
  if (no !== undefined) return refused('asked-not', `X-Robots-Tag: ${no}`);
  const contentType = headers['content-type'] ?? '';
  // Without a type it would have to be guessed; publishers' pages have one.
  if (!HTML.test(contentType)) return refused('not-html', contentType || 'without a type');
  return { kind: 'page', body, contentType };
}

const refused = (reason: FullTextReason, detail: string): PageAnswer => ({
  kind: 'refused',
  reason,
  message: `${FULL_TEXT_REASONS[reason]} (${detail.slice(0, 100)})`,
});
