import { slugOf } from './slug.ts';

/** A tag's name in characters, and its slug's. */
export const TAG_CHARACTERS_MAX = 64;

/** The address of a tag. Never empty, at most TAG_CHARACTERS_MAX long. */
export function tagSlug(name: string): string {
  return slugOf(name, TAG_CHARACTERS_MAX);
}

/** Our curated label: address and name. */
export interface TagName {
  slug: string;
  name: string;
}

/**
 * Who gave a post a tag: its feed, the operator to all posts of the feed, or we, for its text has
 * the name.
 */
export type TagOrigin = 'feed' | 'operator' | 'text';

/** A tag as a post bears it. */
export interface PostTag extends TagName {
  /** Read where posts are shown. */
  origin?: TagOrigin;
}

/** Posts of one month, `month` as YYYY-MM. */
export interface MonthCount {
  month: string;
  posts: number;
}

/** What the head of a tag archive says. */
export interface TagSummary extends TagName {
  /** Other names that mean it. */
  aliases: string[];
  posts: number;
  /** Its newest posts, so many of which what follows about sources, authors and tags is said. */
  sampled: number;
  sources: number;
  /** ISO 8601; null for a tag without posts. */
  firstAt: string | null;
  lastAt: string | null;
  /** Oldest first, months without posts left out. */
  months: MonthCount[];
  related: (TagName & { posts: number })[];
  topSources: { slug: string; name: string; posts: number }[];
  topAuthors: { slug: string; name: string; posts: number }[];
}

/** Who decided: the operator, or a rule of ours. */
type TagActor = 'operator' | 'rule';

/**
 * What can be done to a tag: give it another name, take it into another one, undo that, hide it,
 * show it; or keep two apart that were proposed to be one.
 */
export type TagChangeKind = 'alias' | 'merge' | 'split' | 'hide' | 'show' | 'keep';

/** An entry of the public log. Names as they were then; `at` ISO 8601. */
export interface TagChange {
  id: number;
  kind: TagChangeKind;
  from: TagName;
  into: TagName | null;
  posts: number;
  by: TagActor;
  reason: string | null;
  at: string;
}

/** A merge that the machine proposes. */
export interface TagProposal {
  id: number;
  from: TagName & { posts: number };
  into: TagName & { posts: number };
  /** In words, with the evidence. */
  reason: string;
}

/** Why something is not done to a tag. */
export type TagRefusal =
  /** Both names mean one tag. */
  | 'same'
  /** The name is another name of `into` already. */
  | 'is-alias'
  /** A tag of this name has posts: merging is what is meant. */
  | 'has-posts'
  /** The target is hidden. */
  | 'into-hidden'
  /** It is hidden, or shown, already. */
  | 'is-hidden'
  | 'is-shown'
  /** It is a tag of its own. */
  | 'no-alias'
  /** No tag can have such a name. */
  | 'no-name';

/** What became of a wish about tags. */
export type TagOutcome =
  | { kind: 'done'; change: TagChangeKind; from: TagName; into: TagName | null; posts: number }
  | { kind: 'refused'; why: TagRefusal; from: TagName; into: TagName | null }
  /** There is no such tag; `near` are names that look like it. */
  | { kind: 'unknown'; name: string; near: TagName[] }
  | { kind: 'no-proposal'; id: number };
