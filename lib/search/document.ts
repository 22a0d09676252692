import { MARK_END, type MarkedText, splitMarks } from '../model/marked-text.ts';
import { type PostToIndex, SEARCHED_TEXT_CHARACTERS_MAX } from '../model/search.ts';

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
  /** Those of all sources that carry it. */
  sourceSlug: string[];
  language: string | null;
  /** Seconds since 1970. */
  sortAt: number;
  /** Of sortAt, in UTC. Filters compare sortAt; this is for counting. */
  year: number;
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
    sourceSlug: [post.source.slug, ...post.alsoIn],
    language: post.language,
    sortAt: Math.floor(post.sortAt.getTime() / 1000),
    year: post.sortAt.getUTCFullYear(),
  };
}

/**
 * Meilisearch marks as much of a word as was typed: `clod` marks `Clou` of `Cloud`. A mark goes
 * on to the word's end, but in scripts that write words without spaces between them.
 */
const REST_OF_WORD =
  /\uE001((?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}])[\p{L}\p{M}\p{N}])+)/gu;

/** Splits what Meilisearch highlighted into pieces. */
export function toMarkedText(marked: string): MarkedText {
  return splitMarks(marked.replace(REST_OF_WORD, `$1${MARK_END}`));
}
