import type { Licence } from '../model/feed.ts';
import { LICENCE_CHARACTERS_MAX } from './limits.ts';
import { titleOf } from './texts.ts';
import { absoluteUrl } from './urls.ts';
import { attributeOf, type Elements, textOf, type XmlNode } from './xml-node.ts';

/** A licence that is told in words: its address as people write it into a rights statement. */
const LICENCE_ADDRESS = /https?:\/\/creativecommons\.org\/(?:licenses|publicdomain)\/[\w./-]+/iu;

function firstAddress(nodes: XmlNode[], base: string | undefined): string | undefined {
  for (const node of nodes) {
    const given = attributeOf(node, 'resource') ?? attributeOf(node, 'href') ?? textOf(node);
    // A name alone ("CC BY") is no address, and joined to a base it would look like one.
    if (!/^(https?:)?\/\//iu.test(given)) continue;
    const url = absoluteUrl(given, attributeOf(node, 'base') ?? base);
    if (url !== undefined) return url;
  }
  return undefined;
}

/**
 * The terms of an item or a channel: `creativeCommons:license`, `cc:license`, `rel=license` links
 * (RFC 4946), and statements in `rights`, `dc:rights` or `copyright`.
 */
export function licenceOf(elements: Elements, base: string | undefined): Licence | undefined {
  const links = [...(elements['x-link'] ?? []), ...(elements['x-atom-link'] ?? [])].filter(
    (node) => attributeOf(node, 'rel')?.toLowerCase() === 'license',
  );
  const text = titleOf(elements['x-rights'])?.slice(0, LICENCE_CHARACTERS_MAX).toWellFormed();
  const named = firstAddress([...(elements['x-licence'] ?? []), ...links], base);
  const url = named ?? (text === undefined ? undefined : LICENCE_ADDRESS.exec(text)?.[0]);
  if (url === undefined && text === undefined) return undefined;
  return { ...(url === undefined ? {} : { url }), ...(text === undefined ? {} : { text }) };
}
