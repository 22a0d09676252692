import { unreachable } from '../errors.ts';
import type { QueryTree } from '../model/query/tree.ts';
import { fieldLexeme, isWeighted } from './compile-query.ts';

/** What Postgres knows of words. */
export interface Statistics {
  /** How it cuts a text. */
  lexemesOf(text: string): string[];
  /** The share of posts that have a lexeme; 0: too few to have been counted. */
  frequencyOf(lexeme: string): number;
}

/** What a part of a query asks of posts: nothing, no lexeme that could be named, or one of these. */
type Asked = 'nothing' | 'unnamed' | { lexemes: string[]; frequency: number };

/** What is to be known before anchors can be chosen. */
export interface Candidates {
  /** Texts that Postgres is to cut into lexemes. */
  texts: string[];
  /** Lexemes of tags, sources and languages, which no text gives. */
  lexemes: string[];
}

/** What a query could be anchored on. */
export function anchorCandidates(tree: QueryTree): Candidates {
  switch (tree.kind) {
    case 'and':
    case 'or': {
      const parts = tree.parts.map(anchorCandidates);
      return {
        texts: parts.flatMap(({ texts }) => texts),
        lexemes: parts.flatMap(({ lexemes }) => lexemes),
      };
    }
    case 'not':
    case 'date':
      return { texts: [], lexemes: [] };
    case 'field':
      return isWeighted(tree.name)
        ? { texts: [tree.text], lexemes: [] }
        : { texts: [], lexemes: [fieldLexeme(tree)] };
    default:
      return { texts: [tree.text], lexemes: [] };
  }
}

/** Rarer is better; among those that were not counted the fewest, and of these the longest. */
function isBetter(one: Exclude<Asked, string>, other: Exclude<Asked, string>): boolean {
  if (one.frequency !== other.frequency) return one.frequency < other.frequency;
  if (one.lexemes.length !== other.lexemes.length) return one.lexemes.length < other.lexemes.length;
  const [text, otherText] = [one.lexemes.join(' '), other.lexemes.join(' ')];
  return text.length === otherText.length ? text < otherText : text.length > otherText.length;
}

/** The best of what every match has. */
function askedByAll(parts: Asked[]): Asked {
  const named = parts.filter((part) => typeof part !== 'string');
  const best = named.reduce<Exclude<Asked, string> | undefined>(
    (before, part) => (before === undefined || isBetter(part, before) ? part : before),
    undefined,
  );
  return best ?? (parts.includes('unnamed') ? 'unnamed' : 'nothing');
}

/** What asks for nothing is no choice: Postgres leaves out parts without a word. */
function askedByOne(parts: Asked[]): Asked {
  if (parts.includes('unnamed')) return 'unnamed';
  const named = parts.filter((part) => typeof part !== 'string');
  if (named.length === 0) return 'nothing';
  return {
    lexemes: [...new Set(named.flatMap(({ lexemes }) => lexemes))],
    frequency: named.reduce((sum, { frequency }) => sum + frequency, 0),
  };
}

function asked(tree: QueryTree, statistics: Statistics): Asked {
  const { lexemesOf, frequencyOf } = statistics;
  const ofText = (text: string) =>
    askedByAll(
      lexemesOf(text).map((lexeme) => ({ lexemes: [lexeme], frequency: frequencyOf(lexeme) })),
    );
  switch (tree.kind) {
    case 'word':
    case 'phrase':
    case 'exact':
      return ofText(tree.text);
    case 'prefix':
      return lexemesOf(tree.text).length > 0 ? 'unnamed' : 'nothing';
    case 'field': {
      if (tree.isPrefix) return 'unnamed';
      if (isWeighted(tree.name)) return ofText(tree.text);
      const lexeme = fieldLexeme(tree);
      return { lexemes: [lexeme], frequency: frequencyOf(lexeme) };
    }
    case 'and':
      return askedByAll(tree.parts.map((part) => asked(part, statistics)));
    case 'or': {
      // What is only excluded is met by posts of any words.
      const parts = tree.parts.map((part) => asked(part, statistics));
      return askedByOne(parts.map((part, n) => (excludes(tree.parts[n]) ? 'unnamed' : part)));
    }
    case 'not':
    case 'date':
      return 'nothing';
    default:
      return unreachable(tree);
  }
}

/** Whether a part may be met by a post with none of its words. */
function excludes(tree: QueryTree | undefined): boolean {
  if (tree?.kind === 'not') return true;
  if (tree?.kind === 'and') return tree.parts.every(excludes);
  return tree?.kind === 'or' && tree.parts.some(excludes);
}

/**
 * Lexemes of which every match of a query has at least one, as rare as can be: only posts with one
 * of them are looked at. Of `a b` it is the rarer of the two, of `a OR b` both.
 * @returns none when a match may be without any that can be named (`-a`, `begin*`).
 */
export function chooseAnchors(tree: QueryTree, statistics: Statistics): string[] {
  const found = asked(tree, statistics);
  return typeof found === 'string' ? [] : found.lexemes;
}
