import { cutField, readField } from './fields.ts';
import {
  checkPrefix,
  cutStar,
  type Fault,
  fault,
  foldText,
  HAS_WORD,
  type Leaf,
  type Token,
} from './token.ts';

/** What ends a word: space, brackets and quotes, straight or curly. */
const WORD = /[^\s()"“”„\p{Cc}]+/uy;
const QUOTE = /["“”„]/u;

/** What is read at a place, and how many units of the text it takes. */
type Read = { token: Token; length: number } | Fault;

const isFault = (read: Leaf | Fault): read is Fault => read.kind === 'invalid';

/** Cuts a query into words, phrases, fields and signs, in one pass. */
export function cutQuery(text: string): Token[] | Fault {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    if (/[\s\p{Cc}]/u.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const read = readToken(text, at);
    if ('kind' in read) return read;
    tokens.push(read.token);
    at += read.length;
  }
  return tokens;
}

function readToken(text: string, at: number): Read {
  const sign = text.charAt(at);
  if (sign === '(' || sign === ')') return { token: { kind: 'sign', sign, at }, length: 1 };
  if (sign === '-') return readMinus(text, at);
  if (QUOTE.test(sign)) {
    const quoted = readQuoted(text, at);
    if ('kind' in quoted) return quoted;
    return { token: leafAt({ kind: 'phrase', text: quoted.text }, at), length: quoted.length };
  }
  WORD.lastIndex = at;
  const raw = WORD.exec(text)?.[0] ?? sign;
  const opensQuote = QUOTE.test(text.charAt(at + raw.length));
  const field = cutField(raw);
  if (field) return readFieldAt(text, at, { ...field, raw, opensQuote });
  if (/^=+$/u.test(raw) && opensQuote) {
    const quoted = readQuoted(text, at + raw.length);
    if ('kind' in quoted) return quoted;
    const leaf: Leaf = { kind: 'exact', text: quoted.text };
    return { token: leafAt(leaf, at), length: raw.length + quoted.length };
  }
  if (raw === 'OR' || raw === 'AND') {
    return { token: { kind: 'sign', sign: raw, at }, length: raw.length };
  }
  const leaf = readWord(raw, at);
  return isFault(leaf) ? leaf : { token: leafAt(leaf, at), length: raw.length };
}

const leafAt = (leaf: Leaf, at: number): Token => ({ kind: 'leaf', leaf, at });

/** A row of minus signs is one. */
function readMinus(text: string, at: number): Read {
  let end = at;
  while (text.charAt(end) === '-') end += 1;
  if (end >= text.length || /[\s)\p{Cc}]/u.test(text.charAt(end))) {
    return fault(end - 1, 'Put the word to leave out right after the minus.');
  }
  return { token: { kind: 'sign', sign: '-', at }, length: end - at };
}

/** What stands within quotation marks, folded; `length` counts the marks as well. */
function readQuoted(text: string, at: number): { text: string; length: number } | Fault {
  const raw = cutQuoted(text, at);
  if (typeof raw !== 'string') return raw;
  const folded = foldText(raw);
  if (!HAS_WORD.test(folded)) return fault(at, 'There is no word between these quotation marks.');
  return { text: folded, length: raw.length + 2 };
}

function cutQuoted(text: string, at: number): string | Fault {
  const length = text.slice(at + 1).search(QUOTE);
  if (length < 0) return fault(at, 'These quotation marks are not closed.');
  return text.slice(at + 1, at + 1 + length);
}

interface FieldBegun {
  name: Parameters<typeof readField>[0];
  /** After the colon, as far as a word goes. */
  rest: string;
  raw: string;
  opensQuote: boolean;
}

function readFieldAt(text: string, at: number, field: FieldBegun): Read {
  const { name, rest, raw } = field;
  const start = at + raw.length - rest.length;
  const isQuoted = rest === '' && field.opensQuote;
  const value = isQuoted ? cutQuoted(text, start) : rest;
  if (typeof value !== 'string') return value;
  const leaf = readField(name, value, { at: isQuoted ? start + 1 : start, isQuoted });
  if (isFault(leaf)) return leaf;
  return { token: leafAt(leaf, at), length: raw.length + (isQuoted ? value.length + 2 : 0) };
}

function readWord(raw: string, at: number): Leaf | Fault {
  const signs = /^=+/u.exec(raw)?.[0].length ?? 0;
  const cut = cutStar(raw, at);
  if ('kind' in cut) return cut;
  const text = cut.text.slice(signs).toLowerCase();
  if (!HAS_WORD.test(text)) return fault(at, `“${raw}” has no letter or digit in it.`);
  if (!cut.isPrefix) return { kind: signs > 0 ? 'exact' : 'word', text };
  if (signs > 0) {
    return fault(at + raw.length - 1, 'A word is exact (=) or a beginning (*), not both.');
  }
  return checkPrefix(text, at) ?? { kind: 'prefix', text };
}
