/** What a policy may ask of a post. docs/webhooks.md has the same table for people. */
export const ATTRIBUTES = {
  /** Slugs of its tags, their aliases among them. */
  tag: 'slug',
  /** Slugs of all sources that carried it. */
  source: 'slug',
  /** Names of its authors, and their slugs. */
  author: 'text',
  title: 'text',
  /** The original's address. */
  url: 'text',
  /** As BCP 47, lower case; `en-gb` is also `en`. */
  language: 'text',
  /** Media types of its enclosures. */
  enclosure: 'text',
  /** As `2026-11-26T08:00:00.000Z`. */
  published: 'text',
  /** Of its publication, in UTC. */
  year: 'number',
  /** Of its text. */
  words: 'number',
} as const;
export type AttributeName = keyof typeof ATTRIBUTES;
export const isAttributeName = (name: string): name is AttributeName =>
  Object.hasOwn(ATTRIBUTES, name);

export type Scalar = string | number | boolean | null;
/** The values that a post has of each; one without any, or with an empty list, is missing. */
export type Attributes = { readonly [name in AttributeName]?: readonly Scalar[] };

export type Comparison = '=' | '<' | '<=' | '>' | '>=';
export type TextTest = 'prefix' | 'suffix' | 'wildcard' | 'equals-ignore-case';

/** One of the values of a key. */
export type Condition =
  | { kind: 'equals'; value: Scalar }
  | { kind: TextTest; text: string }
  | { kind: 'numeric'; ranges: [Comparison, number][] }
  | { kind: 'exists'; exists: boolean }
  /** None of these may hold of any value. */
  | { kind: 'anything-but'; conditions: Condition[] };

/** Keys must all be met, each by one of its conditions; and of `anyOf`, if there are any, one. */
export interface Policy {
  keys: { name: AttributeName; conditions: Condition[] }[];
  anyOf: Policy[];
}
