import {
  type MarkedText,
  type PostToIndex,
  SEARCHED_TEXT_CHARACTERS_MAX,
} from '../model/search.ts';

// Private-use characters mark matches: they cannot be HTML and are taken out of every text.
export const MARK_START = '\uE000';
export const MARK_END = '\uE001';
const MARKS = /[\uE000\uE001]/gu;

/** What Meilisearch keeps of a post. */
export interface PostDocument {
  id: number;
  title: string;
  text: string;
  tags: string[];
  tagSlugs: string[];
  authors: string[];
  source: string;
  sourceSlug: string;
  language: string | null;
  /** Seconds since 1970. */
  sortAt: number;
}

/** A stored post as a document. */
export function toDocument(post: PostToIndex): PostDocument {
  return {
    id: post.id,
    title: post.title.replace(MARKS, ''),
    // Cutting may halve an emoji, and Meilisearch refuses a batch with half a character in it.
    text: post.text.slice(0, SEARCHED_TEXT_CHARACTERS_MAX).toWellFormed().replace(MARKS, ''),
    tags: post.tags.map((tag) => tag.name),
    tagSlugs: post.tags.map((tag) => tag.slug),
    authors: post.authors,
    source: post.source.title,
    sourceSlug: post.source.slug,
    language: post.language,
    sortAt: Math.floor(post.sortAt.getTime() / 1000),
  };
}

/** Splits what Meilisearch highlighted into pieces; marks that do not pair are dropped. */
export function toMarkedText(highlighted: string): MarkedText {
  const pieces: MarkedText = [];
  let isMatch = false;
  for (const piece of highlighted.split(/([\uE000\uE001])/u)) {
    if (piece === MARK_START) isMatch = true;
    else if (piece === MARK_END) isMatch = false;
    else if (piece !== '') pieces.push({ text: piece, isMatch });
  }
  return pieces;
}
