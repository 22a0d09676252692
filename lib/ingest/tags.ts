import { TAG_CHARACTERS_MAX, type TagName, tagSlug } from '../model/tag.ts';
import { TAGS_MAX } from './limits.ts';
import { titleText } from './texts.ts';

/** A raw label as a reader may see it; undefined when nothing is left or it is no tag. */
function nameOf(category: string): string | undefined {
  const name = titleText(category, 'ambiguous').replace(/^#+(?=[\p{L}\p{N}])/u, '');
  // An address or a whole sentence is an identifier or a text in the wrong element.
  if (name === '' || name.length > TAG_CHARACTERS_MAX || /^https?:\/\//iu.test(name)) {
    return undefined;
  }
  return name;
}

/** What a post's tags are made of. */
export interface Labels {
  /** Raw labels of the item. */
  categories: readonly string[];
  /** Tags that the operator gives to every post of the feed. */
  feedTags?: readonly string[] | undefined;
  /**
   * Names of the post's authors and of its source. Many systems write them among the categories,
   * where they say of a post what its byline says already.
   */
  ownNames?: readonly string[] | undefined;
}

/**
 * What a post's categories and its feed's own tags mean: names and slugs, in their order,
 * without doubles, at most TAGS_MAX. A category that is the name of an author or of the source is
 * no tag of this post; what the operator gives always is.
 */
export function tagsOf({ categories, feedTags = [], ownNames = [] }: Labels): TagName[] {
  const own = new Set(ownNames.filter((name) => name !== '').map(tagSlug));
  const bySlug = new Map<string, TagName>();
  const take = (label: string, except?: ReadonlySet<string>) => {
    const name = bySlug.size < TAGS_MAX ? nameOf(label) : undefined;
    if (name === undefined) return;
    const slug = tagSlug(name);
    if (!bySlug.has(slug) && !except?.has(slug)) bySlug.set(slug, { slug, name });
  };
  for (const category of categories) take(category, own);
  for (const name of feedTags) take(name);
  return [...bySlug.values()];
}
