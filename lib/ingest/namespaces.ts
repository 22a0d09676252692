import { prefixOf, undeclaredPrefixOf } from './names.ts';
import type { Attributes } from './xml-tokens.ts';

// Which of our prefixes a name of a feed means where it stands.

export const NO_NAMESPACES: ReadonlyMap<string, string> = new Map();

/** An attribute's local name in lower case; empty for those that are read elsewhere. */
export function foldAttribute(written: string): string {
  // `rdf:about` and `about` are one; `xml:base` and `xmlns:…` are read elsewhere.
  if (written.startsWith('xml')) return '';
  return written.slice(written.lastIndexOf(':') + 1).toLowerCase();
}

/** The namespaces in force inside an element: the outer ones and those that it declares. */
export function withDeclared(
  outer: ReadonlyMap<string, string>,
  attributes: Attributes,
): ReadonlyMap<string, string> {
  let inner: Map<string, string> | undefined;
  for (const [name, value] of attributes) {
    if (!name.startsWith('xmlns')) continue;
    const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length);
    inner ??= new Map(outer);
    inner.set(prefix, prefixOf(value));
  }
  return inner ?? outer;
}

/** `dc:creator`, `atom:link`, `pubdate`: our prefix and the folded local name. */
export function canonicalName(written: string, namespaces: ReadonlyMap<string, string>): string {
  const colon = written.indexOf(':');
  const prefix = colon === -1 ? '' : written.slice(0, colon);
  const local = written.slice(colon + 1).toLowerCase();
  const ours = namespaces.get(prefix) ?? undeclaredPrefixOf(prefix);
  // An unknown default namespace is taken for none: it is a feed's own, or a mistake.
  return ours === '' || (ours === 'other' && prefix === '') ? local : `${ours}:${local}`;
}
