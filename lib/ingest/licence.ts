import type { Licence } from '../model/feed.ts';
import { LICENCE_CHARACTERS_MAX } from './limits.ts';
import { titleOf } from './texts.ts';
import { absoluteUrl } from './urls.ts';
import { attributeOf, type Elements, textOf, type XmlNode } from './xml-node.ts';

/** A licence that is told in words: its address as people write it into a rights statement. */
const LICENCE_ADDRESS = /https?:\/\/creativecommons\.org\/(?:licenses|publicdomain)\/[\w./-]+/iu;

function addressOf(node: XmlNode, base: string | undefined): string | undefined {
  const link = attributeOf(node, 'resource') ?? attributeOf(node, 'href');
  // A name alone ("CC BY") is no address, and joined to a base it would look like one.
  const given = link ?? (/^(https?:)?\/\//iu.test(textOf(node)) ? textOf(node) : undefined);
  return absoluteUrl(given, attributeOf(node, 'base') ?? base);
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
  const [named] = [...(elements['x-licence'] ?? []), ...links].flatMap(
    (node) => addressOf(node, base) ?? [],
  );
  const url = named ?? (text === undefined ? undefined : LICENCE_ADDRESS.exec(text)?.[0]);
  if (url === undefined && text === undefined) return undefined;
  return { ...(url === undefined ? {} : { url }), ...(text === undefined ? {} : { text }) };
}
