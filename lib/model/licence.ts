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

/** Terms under which anybody may show a whole copy, also for money: `by`, `by-sa`, `by-nd`. */
const FREE_TERMS = /^by(?:-sa|-nd)?$/iu;

/** Whether a licence lets a copy be found by search engines beside its original. */
export function allowsCopies(licence: Licence | null): boolean {
  if (licence?.url === undefined) return false;
  const terms = CREATIVE_COMMONS.exec(licence.url)?.[1];
  return CC0.test(licence.url) || (terms !== undefined && FREE_TERMS.test(terms));
}
