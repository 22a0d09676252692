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
const FLIGHT_STARTS = ['(self.__next_f=self.__next_f||[]).push(', 'self.__next_f.push('];
const TURBOPACK_START = '(globalThis["TURBOPACK"] || (globalThis["TURBOPACK"] = [])).push(';
const CHUNK = /^static\/chunks\/[\w.~-]+\.js$/u;
/** React's call that puts a late part of a page in its place: `$RC("B:0","S:0")`. */
const REACT_CALL = /^;*(?:\$R[A-Z]\(([^<]*)\);?)?$/u;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The literal that a script hands to `start…push(`, if it does nothing else. */
function pushed(script: string, start: string): unknown {
  if (!script.startsWith(start)) return undefined;
  return parseJson(script.slice(start.length).replace(/\);?$/u, ''));
}

/** Data that the page hands to Next in the browser: a literal and nothing that could run. */
const isFlightData = (script: string) =>
  FLIGHT_STARTS.some((start) => Array.isArray(pushed(script, start)));

/** Names the page's chunks, all of them files of this build. */
function isTurbopackStart(script: string): boolean {
  const start = pushed(script, TURBOPACK_START);
  if (typeof start !== 'object' || start === null) return false;
  const { otherChunks, runtimeModuleIds, ...rest } = start as Record<string, unknown>;
  return (
    Array.isArray(otherChunks) &&
    otherChunks.every((chunk) => CHUNK.test(String(chunk))) &&
    Array.isArray(runtimeModuleIds) &&
    Object.keys(rest).length === 0
  );
}

/** Pieces of React's runtime, then at most one call of it with literals. */
function isReactRuntime(script: string, pieces: readonly string[]): boolean {
  let rest = script;
  for (;;) {
    const piece = pieces.find((each) => rest.startsWith(each));
    if (piece === undefined) break;
    rest = rest.slice(piece.length);
  }
  const call = REACT_CALL.exec(rest);
  return call !== null && (call[1] === undefined || parseJson(`[${call[1]}]`) !== undefined);
}

/** What is vouched for beside Next's data. */
export interface KnownScripts {
  /** Whole scripts of our own. */
  own: ReadonlySet<string>;
  /** The texts that React puts together for pages whose parts come late. */
  reactRuntime: readonly string[];
}

/**
 * Finds the inline scripts of a page and vouches for those that are data of Next's, React's
 * runtime, or our own. A script that slipped into a post's
 * body is none of these, so hashing the page does not bless it. Neighbours that are data are
 * joined, so that a long page does not need a hundred hashes.
 */
export function vouchForScripts(page: string, known: KnownScripts): ScriptedPage {
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
    const isKnown =
      known.own.has(script) ||
      isFlightData(script) ||
      isTurbopackStart(script) ||
      isReactRuntime(script, known.reactRuntime);
    if (isKnown) hashes.add(hashOf(script));
    else refused += 1;
  }
  endRun();
  parts.push(page.slice(position));
  return { html: parts.join(''), hashes: [...hashes], refused };
}
