import { slugOf } from '../model/slug.ts';
import type { TagName } from '../model/tag.ts';
import { TAG_CHARACTERS_MAX, TAGS_MAX } from './limits.ts';
import { titleText } from './texts.ts';

/** The address of a tag. Never empty, at most TAG_CHARACTERS_MAX long. */
export function tagSlug(name: string): string {
  return slugOf(name, TAG_CHARACTERS_MAX);
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
