import type { TagName } from '../model/tag.ts';
import { sha256 } from './guid.ts';
import { TAG_CHARACTERS_MAX, TAGS_MAX } from './limits.ts';
import { titleText } from './texts.ts';

/** Names whose signs are letters. */
const SPELT: readonly (readonly [RegExp, string])[] = [
  [/^\.net\b/iu, 'dot-net'],
  [/(^|[^\p{L}\p{N}])\.net\b/giu, '$1 dot-net '],
  [/(?<=^|[^\p{L}\p{N}])([a-z])\+\+/giu, '$1-plus-plus '],
  [/([\p{L}\p{N}])\+\+/gu, '$1-plus-plus '],
  [/(?<=^|[^\p{L}\p{N}])([acfjqx])(#|♯)/giu, '$1-sharp '],
  [/([\p{L}\p{N}])\*(?=$|\s)/gu, '$1-star '],
  [/\+/gu, ' plus '],
  [/&/gu, ' and '],
];

/**
 * The address of a tag: letters and digits of any script joined by hyphens, lower case, without
 * accents and other marks (Cyrillic й and Korean syllables are letters of their own). Never
 * empty: a name of signs alone gets the beginning of its hash.
 */
export function tagSlug(name: string): string {
  let text = name.normalize('NFKC').trim();
  for (const [pattern, replacement] of SPELT) text = text.replace(pattern, replacement);
  const folded = text
    .normalize('NFD')
    .replace(/(?<=[\p{Script=Latin}\p{Script=Greek}]\p{M}*)\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\p{M}'’ʼ\u200b-\u200d]/gu, '');
  const words = [...folded.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => word);
  const slug = shorten(words.join('-'));
  return slug === '' ? `tag-${sha256(name).slice(0, 8)}` : slug;
}

function shorten(slug: string): string {
  if (slug.length <= TAG_CHARACTERS_MAX) return slug;
  // Between whole characters, and not behind a hyphen.
  return slug
    .slice(0, TAG_CHARACTERS_MAX)
    .toWellFormed()
    .replace(/[\ufffd-]+$/u, '');
}

/** A raw label as a reader may see it; undefined when nothing is left or it is no tag. */
function nameOf(category: string): string | undefined {
  const name = titleText(category, 'ambiguous').replace(/^#+(?=[\p{L}\p{N}])/u, '');
  // An address or a whole sentence is an identifier or a text in the wrong element.
  if (name === '' || name.length > TAG_CHARACTERS_MAX || /^https?:\/\//iu.test(name)) {
    return undefined;
  }
  return name;
}

/**
 * What a post's categories and its feed's own tags mean: names and slugs, in their order,
 * without doubles, at most TAGS_MAX.
 */
export function tagsOf(categories: readonly string[], feedTags: readonly string[] = []): TagName[] {
  const bySlug = new Map<string, TagName>();
  for (const category of [...categories, ...feedTags]) {
    const name = nameOf(category);
    if (name === undefined) continue;
    const slug = tagSlug(name);
    if (!bySlug.has(slug)) bySlug.set(slug, { slug, name });
    if (bySlug.size === TAGS_MAX) break;
  }
  return [...bySlug.values()];
}
