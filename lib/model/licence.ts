import type { Licence } from './feed.ts';

const CREATIVE_COMMONS =
  /^https?:\/\/(?:www\.)?creativecommons\.org\/licenses\/([a-z-]{2,20})\/(\d\.\d)/iu;
const CC0 = /^https?:\/\/(?:www\.)?creativecommons\.org\/publicdomain\/zero\/(\d\.\d)/iu;

/** How people call a licence by its address: `CC BY-SA 4.0`; its host when nobody does. */
function nameOfAddress(url: string): string {
  const [, terms, version] = CREATIVE_COMMONS.exec(url) ?? [];
  if (terms !== undefined) return `CC ${terms.toUpperCase()} ${version}`;
  const zero = CC0.exec(url)?.[1];
  return zero === undefined ? (URL.parse(url)?.host ?? url) : `CC0 ${zero}`;
}

/** A licence in a few words. */
export function licenceName({ url, text }: Licence): string {
  return url === undefined ? (text ?? '') : nameOfAddress(url);
}
