import robotsParser from 'robots-parser';
import { RETRY_AFTER_LONGEST_MS, ROBOTS_BYTES_MAX, ROBOTS_KEPT_MS } from '../model/fetch-policy.ts';
import type { Exchange } from '../model/fetching.ts';
import type { FetchAnswer, FetchRequest } from './client.ts';
import type { Verdict } from './guard.ts';
import { retryAfterSeconds } from './retry-after.ts';

// What a host lets programs read beside its feeds (RFC 9309). Feeds are made for programs, and
// somebody has asked for each of ours: they are fetched whatever robots.txt says.

/** Our product token (RFC 9309, 2.2.1), as in the user agent. */
const PRODUCT_TOKEN = 'tagwire';
/** A host that did not answer is asked again sooner than one that did, unless it asks for rest. */
export const UNREACHABLE_KEPT_MS = 60 * 60_000;
/** Hosts remembered, and characters of their rules together: parsed they take some ten times that. */
const HOSTS_KEPT_MAX = 500;
const RULES_CHARACTERS_MAX = 4 * 1024 * 1024;
/**
 * Comparing a pattern with wildcards costs up to its length times the address's. This much takes
 * some 50 ms; a file that needs more is written against its readers.
 */
const MATCH_STEPS_MAX = 20_000_000;
const TOO_MANY_REQUESTS = 429;

const ALLOWED: Verdict = { allowed: true };

/** The rules of one robots.txt for our product token. */
export interface RobotsRules {
  /** Of the text that they were made from, without what is for others. */
  characters: number;
  /** Whether an address of this host may be read. */
  allows(url: string): boolean;
}

const LINE = /^\s*(user-agent|allow|disallow)\s*:([^#]*)/iu;
/** A product token is letters, `_` and `-`; what follows, as a version, is no part of it. */
const TOKEN = /^(\*|[a-z_-]+)/iu;

/** Octets that mean themselves are compared as themselves (RFC 9309, 2.2.2). */
const normalisePercent = (text: string) =>
  text.replace(/%([0-9a-f]{2})/giu, (whole, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/u.test(character) ? character : whole.toUpperCase();
  });

/**
 * `*` and `$` of an address, and a `$` within a pattern, mean themselves: written so that only what
 * is special in a pattern looks special (RFC 9309, 2.2.3).
 */
const asLiterals = (text: string) => text.replaceAll('$', '%24').replaceAll('*', '%2A');
const withLiterals = (pattern: string) => pattern.replace(/\$(?!$)/gu, '%24');

/**
 * The lines that concern us, in the form that the parser reads rightly: without other records
 * (which must not end a group, 2.2.4) and without groups of others (a thousand names with a
 * thousand rules would be a million rules to it).
 */
function linesForUs(text: string): { lines: string[]; wildcards: number } {
  const lines: string[] = [];
  let wildcards = 0;
  let isOurs = false;
  let isAmongNames = false;
  for (const line of text.split(/\r\n|\r|\n/u)) {
    const [, name, value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    if (name.toLowerCase() === 'user-agent') {
      if (!isAmongNames) isOurs = false;
      isAmongNames = true;
      const token = TOKEN.exec(value.trim())?.[0].toLowerCase();
      if (token !== '*' && token !== PRODUCT_TOKEN) continue;
      isOurs = true;
      if (lines.at(-1) !== `user-agent: ${token}`) lines.push(`user-agent: ${token}`);
      continue;
    }
    isAmongNames = false;
    if (!isOurs) continue;
    const pattern = withLiterals(normalisePercent(value.trim().replace(/\*+/gu, '*')));
    if (pattern.includes('*')) wildcards += pattern.length;
    lines.push(`${name}: ${pattern}`);
  }
  // A group without rules allows everything; the parser would not know of it.
  if (isAmongNames && isOurs) lines.push('disallow:');
  return { lines, wildcards };
}

/**
 * Reads a robots.txt. Linear in its length, whatever it holds.
 * @param url of the robots.txt.
 */
export function readRobots(text: string, url: string): RobotsRules {
  const { lines, wildcards } = linesForUs(text);
  const ours = lines.join('\n');
  const parsed = robotsParser(url, ours);
  return {
    characters: ours.length,
    allows: (asked) => {
      const { origin, pathname, search } = new URL(asked);
      // The parser encodes its patterns so, too.
      const asGiven = asLiterals(normalisePercent(pathname + search));
      const path = encodeURI(asGiven).replaceAll('%25', '%');
      if (wildcards * path.length > MATCH_STEPS_MAX) return false;
      return parsed.isAllowed(origin + path, PRODUCT_TOKEN) ?? false;
    },
  };
}

/** `isUnreachable`: the host's rules could not be read, and will be asked for again. */
export type RobotsVerdict = Verdict & { isUnreachable?: true; retryAfterSeconds?: number };

/** What a host says: rules, or one answer for everything. */
type Policy = RobotsRules | 'anything' | Unreachable;

interface Unreachable {
  reason: string;
  /** Its server asked for rest. */
  retryAfterSeconds?: number;
}

interface Kept {
  policy: Promise<Policy>;
  untilMs: number;
  characters: number;
}

/** Remembers what hosts let us read: for a day at most, of a limited number of hosts. */
export class RobotsTexts {
  readonly #fetch: (wanted: FetchRequest) => Promise<FetchAnswer>;
  readonly #now: () => number;
  /** By origin; the one asked last comes last. */
  readonly #kept = new Map<string, Kept>();

  /** @param fetch one guarded GET, when its host may be asked. @param now in ms. */
  constructor(fetch: (wanted: FetchRequest) => Promise<FetchAnswer>, now = () => Date.now()) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /**
   * Whether an address may be read, by its host's robots.txt, which is fetched when it is not
   * remembered.
   * @param options.tally told what fetching it came to.
   */
  async check(
    url: string,
    options: { signal?: AbortSignal | undefined; tally?: (exchange: Exchange) => void } = {},
  ): Promise<RobotsVerdict> {
    const { origin, host, pathname } = new URL(url);
    const kept = this.#kept.get(origin);
    this.#kept.delete(origin);
    const fresh: Kept =
      kept !== undefined && kept.untilMs > this.#now() ? kept : this.#ask(origin, options);
    this.#kept.set(origin, fresh);
    const policy = await fresh.policy;
    if (policy === 'anything') return ALLOWED;
    if ('reason' in policy) {
      return { allowed: false, ...policy, isUnreachable: true };
    }
    if (policy.allows(url)) return ALLOWED;
    return { allowed: false, reason: `robots.txt of ${host} does not let us read ${pathname}` };
  }

  /** How many hosts are remembered now. */
  get hosts(): number {
    return this.#kept.size;
  }

  #ask(
    origin: string,
    { signal, tally }: { signal?: AbortSignal | undefined; tally?: (exchange: Exchange) => void },
  ): Kept {
    const url = `${origin}/robots.txt`;
    const kept: Kept = {
      untilMs: this.#now() + ROBOTS_KEPT_MS,
      characters: 0,
      policy: this.#fetch({ url, signal, bodyBytesMax: ROBOTS_BYTES_MAX, cutsBody: true }).then(
        (answer) => {
          tally?.(answer.exchange);
          const policy = policyOf(answer, url);
          if (signal?.aborted) this.#kept.delete(origin);
          if (typeof policy === 'object' && 'reason' in policy) {
            const restMs = Math.min((policy.retryAfterSeconds ?? 0) * 1000, RETRY_AFTER_LONGEST_MS);
            kept.untilMs = this.#now() + Math.max(UNREACHABLE_KEPT_MS, restMs);
          } else if (typeof policy === 'object') {
            kept.characters = policy.characters;
          }
          this.#makeRoom();
          return policy;
        },
      ),
    };
    // A fetch that was called off says nothing of the host.
    kept.policy.catch(() => this.#kept.delete(origin));
    return kept;
  }

  #makeRoom(): void {
    let characters = [...this.#kept.values()].reduce((sum, kept) => sum + kept.characters, 0);
    for (const [origin, kept] of this.#kept) {
      if (this.#kept.size <= HOSTS_KEPT_MAX && characters <= RULES_CHARACTERS_MAX) return;
      characters -= kept.characters;
      this.#kept.delete(origin);
    }
  }
}

/** RFC 9309, 2.3.1: unavailable (4xx) allows everything, unreachable nothing. */
function policyOf(answer: FetchAnswer, url: string): Policy {
  const { host } = new URL(url);
  const unreachable = (why: string): Unreachable => ({
    reason: `robots.txt of ${host} cannot be read (${why}), so nothing there may be but feeds`,
  });
  if (answer.kind === 'failed') {
    // "More than five redirects": as if there were none (2.3.1.2).
    return answer.error === 'too-many-redirects' ? 'anything' : unreachable(answer.message);
  }
  const { status } = answer;
  // A server that asks for fewer requests is not asked for more.
  if (status >= 500 || status === TOO_MANY_REQUESTS) {
    const seconds = retryAfterSeconds(answer.headers['retry-after'], Date.now());
    const rest = seconds === undefined ? {} : { retryAfterSeconds: seconds };
    return { ...unreachable(`it answers ${status}`), ...rest };
  }
  if (status !== 200) return 'anything';
  return readRobots(new TextDecoder().decode(answer.body), url);
}
