import { createHash } from 'node:crypto';

/** A page whose inline scripts are all known, with their hashes for the policy. */
export interface ScriptedPage {
  html: string;
  /** `'sha256-…'` sources (CSP Level 3, section 2.3.1). */
  hashes: string[];
  /** Inline scripts that nobody vouches for: they stay in the page and the browser refuses them. */
  refused: number;
}

const hashOf = (script: string) =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

const SCRIPT = /<script((?:\s[^>]*)?)>([\s\S]*?)<\/script>/giu;
/** Loaded from an address, or no script at all (JSON-LD). */
const NOT_INLINE = /\s(src\s*=|type="application\/(ld\+)?json")/iu;
const FLIGHT_START = '(self.__next_f=self.__next_f||[]).push(';
const FLIGHT_PUSH = 'self.__next_f.push(';
/** React's calls that put a late part of a page in its place: `$RC("B:0","S:0")`. */
const REACT_CALLS = /^(?:\$R[A-Z]\((?:"[^"\\<]*",?)*\);?)+$/u;

/** Data that the page hands to Next in the browser: a literal and nothing that could run. */
function isFlightData(script: string): boolean {
  const start = [FLIGHT_START, FLIGHT_PUSH].find((prefix) => script.startsWith(prefix));
  if (start === undefined || !/\);?$/u.test(script)) return false;
  try {
    return Array.isArray(JSON.parse(script.slice(start.length).replace(/\);?$/u, '')));
  } catch {
    return false;
  }
}

/**
 * Finds the inline scripts of a page and vouches for those that are data of Next's, calls of
 * React's, or in `trusted` (whole texts or their hashes). A script that slipped into a post's
 * body is none of these, so hashing the page does not bless it. Neighbours that are data are
 * joined, so that a long page does not need a hundred hashes.
 */
export function vouchForScripts(page: string, trusted: ReadonlySet<string>): ScriptedPage {
  const hashes = new Set<string>();
  const parts: string[] = [];
  let data: string[] = [];
  let position = 0;
  let refused = 0;
  const endRun = () => {
    if (data.length === 0) return;
    const script = data.join(';');
    hashes.add(hashOf(script));
    parts.push(`<script>${script}</script>`);
    data = [];
  };
  for (const match of page.matchAll(SCRIPT)) {
    const [whole, attributes = '', script = ''] = match;
    if (match.index > position) endRun();
    parts.push(page.slice(position, match.index));
    position = match.index + whole.length;
    if (attributes === '' && isFlightData(script)) {
      data.push(script);
      continue;
    }
    endRun();
    parts.push(whole);
    if (NOT_INLINE.test(attributes) || script === '') continue;
    const hash = hashOf(script);
    const isKnown =
      trusted.has(script) || trusted.has(hash) || REACT_CALLS.test(script) || isFlightData(script);
    if (isKnown) hashes.add(hash);
    else refused += 1;
  }
  endRun();
  parts.push(page.slice(position));
  return { html: parts.join(''), hashes: [...hashes], refused };
}
