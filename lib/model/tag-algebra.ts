// Tag algebra: `/tag/a+b~c` is the list of posts that bear a and b, but not c. No slug has a `+`
// or `~` in it, so what stands before each of them says what a term is.

/** Each term is another probe for every post that is looked at; nobody thinks in more. */
export const TAG_TERMS_MAX = 6;

/** What a post must bear and must not. By slugs in addresses, by whole tags where they are known. */
export interface TagTerms<T> {
  /** At least one. */
  with: T[];
  without: T[];
}

/** What stands where an address has the slug of a tag. */
export type TagWish =
  | { kind: 'tag'; slug: string }
  | { kind: 'terms'; terms: TagTerms<string> }
  | { kind: 'too-many' }
  /** Nothing to be found: a term without a slug, or one that is wanted and unwanted. */
  | { kind: 'none' };

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const sorted = (slugs: string[]) => [...new Set(slugs)].sort(byText);

/** Plus-terms in their order, then not-terms in theirs, each once: one address for one list. */
function settleTerms({ with: plus, without }: TagTerms<string>): TagTerms<string> {
  return { with: sorted(plus), without: sorted(without) };
}

/**
 * Reads what an address has in the place of a tag's slug, decoded. Terms as they stand there, for
 * the caller to settle: their tags may be known under other slugs.
 */
export function readTagWish(text: string): TagWish {
  if (!/[+~]/u.test(text)) return { kind: 'tag', slug: text };
  const given = `+${text}`.match(/[+~][^+~]*/gu) ?? [];
  if (given.some((term) => term.length === 1)) return { kind: 'none' };
  const slugsAfter = (sign: string) =>
    given.filter((term) => term.startsWith(sign)).map((term) => term.slice(1));
  const terms = { with: slugsAfter('+'), without: slugsAfter('~') };
  const settled = settleTerms(terms);
  if (settled.with.length + settled.without.length > TAG_TERMS_MAX) return { kind: 'too-many' };
  return isContradiction(terms) ? { kind: 'none' } : { kind: 'terms', terms };
}

/** Whether a tag is wanted and unwanted at once. */
export const isContradiction = (terms: TagTerms<string>) =>
  terms.with.some((slug) => terms.without.includes(slug));

/** The terms as an address has them, each percent-encoded. */
export function writeTagTerms(terms: TagTerms<string>): string {
  const { with: plus, without } = settleTerms(terms);
  const encoded = (slugs: string[]) => slugs.map(encodeURIComponent);
  return [encoded(plus).join('+'), ...encoded(without)].join('~');
}

/** The terms without one of them; undefined where nothing would be left that must be there. */
export function dropTerm(terms: TagTerms<string>, slug: string): TagTerms<string> | undefined {
  const rest = {
    with: terms.with.filter((each) => each !== slug),
    without: terms.without.filter((each) => each !== slug),
  };
  return rest.with.length === 0 ? undefined : rest;
}

/** The names of tags that are known. */
export const namesOf = (tags: TagTerms<{ name: string }>): TagTerms<string> => ({
  with: tags.with.map(({ name }) => name),
  without: tags.without.map(({ name }) => name),
});

/** The slugs of tags that are known. */
export const slugsOf = (tags: TagTerms<{ slug: string }>): TagTerms<string> => ({
  with: tags.with.map(({ slug }) => slug),
  without: tags.without.map(({ slug }) => slug),
});

/** `AWS and Security, not Webinar or Podcast`. */
export function describeTerms({ with: plus, without }: TagTerms<string>): string {
  const list = (names: string[], last: string) =>
    names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
  const wanted = list(plus, 'and');
  return without.length === 0 ? wanted : `${wanted}, not ${list(without, 'or')}`;
}
