import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { KnownScripts } from './inline-scripts.ts';

/**
 * Inline scripts of our own, each the whole text between its tags. A component that writes one
 * imports it from here, so that the page and its policy cannot part.
 */
const OWN_SCRIPTS: readonly string[] = [];

const REACT_SERVER = 'next/dist/compiled/react-dom/cjs/react-dom-server.node.production.js';
/** A string literal that speaks of React's runtime names, `$RC` and the like. */
const LITERAL =
  /'((?:[^'\\\n]|\\.)*\$R[A-Z](?:[^'\\\n]|\\.)*)'|("(?:[^"\\\n]|\\.)*\$R[A-Z](?:[^"\\\n]|\\.)*")/gu;
/** Where a literal goes over into the arguments of a call. */
const CALL_START = /\$R[A-Z]\("$/u;

/** The scripts of React's that make late parts of a page appear, as they stand in its source. */
export function readReactRuntime(): string[] {
  const source = readFileSync(createRequire(import.meta.url).resolve(REACT_SERVER), 'utf8');
  const literals = [...source.matchAll(LITERAL)].map(([, single, double]) =>
    String(JSON.parse(double ?? `"${single?.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`)),
  );
  const pieces = literals.map((literal) => literal.replace(CALL_START, ''));
  return [...new Set(pieces)].filter((piece) => piece !== '').sort((a, b) => b.length - a.length);
}

/** Read once, when the first page is finished. */
let known: KnownScripts | undefined;

export function knownScripts(): KnownScripts {
  known ??= { own: new Set(OWN_SCRIPTS), reactRuntime: readReactRuntime() };
  return known;
}
