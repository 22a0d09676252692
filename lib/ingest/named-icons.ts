import { Parser } from 'htmlparser2';
import { absoluteUrl, joinBase } from './urls.ts';

/** Pages name one icon in a dozen sizes; more is no help. */
const NAMED_MAX = 40;
/** What is shown: 16 px, on screens that have two dots for each. */
const WANTED_PX = 32;
const ANY_SIZE = 'any';

interface NamedIcon {
  url: string;
  /** How well it fits: less is better. */
  rank: number;
}

/** The side of the smallest of its sizes that is large enough, else of the largest; 0 untold. */
function sideOf(sizes: string): number {
  const sides = [...sizes.matchAll(/(\d{1,5})x\d{1,5}/giu)].map((size) => Number(size[1]));
  const enough = sides.filter((side) => side >= WANTED_PX);
  return enough.length > 0 ? Math.min(...enough) : Math.max(0, ...sides);
}

function rankOf(rel: string, sizes: string): number {
  // Made for a home screen: large, and often with a ground of its own.
  if (/\bapple-touch-icon\b/iu.test(rel)) return 10_000;
  if (sizes.trim().toLowerCase() === ANY_SIZE) return -1;
  const side = sideOf(sizes);
  return side >= WANTED_PX ? side - WANTED_PX : 5000 - side;
}

/**
 * The icons that a page names in its `link` elements (HTML, 4.6.7.6), the ones that fit best at
 * 16 px first. Linear in the page's length.
 * @param url of the page, for relative addresses.
 */
export function findNamedIcons(html: string, url: string): string[] {
  const found: NamedIcon[] = [];
  let base: string | undefined = url;
  const parser = new Parser({
    onopentag(name, { rel = '', href, sizes = '' }) {
      if (name === 'base') base = joinBase(base, href);
      if (name !== 'link' || found.length === NAMED_MAX) return;
      // One of a single colour (mask-icon) is a word of its own.
      if (!/(^|\s)(icon|apple-touch-icon)(\s|$)/iu.test(rel)) return;
      const address = absoluteUrl(href, base);
      if (address !== undefined) found.push({ url: address, rank: rankOf(rel, sizes) });
    },
  });
  parser.end(html);
  return [...new Set(found.sort((a, b) => a.rank - b.rank).map((icon) => icon.url))];
}
