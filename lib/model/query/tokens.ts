export type Sign = '(' | ')' | '-' | 'OR' | 'AND';

export type Token =
  | { kind: 'sign'; sign: Sign; at: number }
  | { kind: 'word' | 'prefix' | 'phrase'; text: string; at: number };

export interface Fault {
  kind: 'invalid';
  at: number;
  message: string;
}

/** One letter and a star would be met by nearly every post. */
const PREFIX_CHARACTERS_MIN = 2;

const HAS_WORD = /[\p{L}\p{N}]/u;
/** What ends a word: space, brackets and quotes, straight or curly. */
const WORD = /[^\s()"“”„\p{Cc}]+/uy;
const QUOTE = /["“”„]/u;

const isFault = (token: Token | Fault): token is Fault => token.kind === 'invalid';

/** Cuts a query into words, phrases and signs, in one pass. */
export function cutQuery(text: string): Token[] | Fault {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const sign = text.charAt(at);
    if (/[\s\p{Cc}]/u.test(sign)) {
      at += 1;
    } else if (sign === '(' || sign === ')') {
      tokens.push({ kind: 'sign', sign, at });
      at += 1;
    } else if (QUOTE.test(sign)) {
      const length = text.slice(at + 1).search(QUOTE);
      if (length < 0) return fault(at, 'These quotation marks are not closed.');
      const token = readPhrase(text.slice(at + 1, at + 1 + length), at);
      if (isFault(token)) return token;
      tokens.push(token);
      at += length + 2;
    } else if (sign === '-') {
      tokens.push({ kind: 'sign', sign, at });
      while (text.charAt(at) === '-') at += 1;
      if (at >= text.length || /[\s)\p{Cc}]/u.test(text.charAt(at))) {
        return fault(at - 1, 'Put the word to leave out right after the minus.');
      }
    } else {
      WORD.lastIndex = at;
      const raw = WORD.exec(text)?.[0] ?? sign;
      const token = readWord(raw, at);
      if (isFault(token)) return token;
      tokens.push(token);
      at += raw.length;
    }
  }
  return tokens;
}

export const fault = (at: number, message: string): Fault => ({ kind: 'invalid', at, message });

function readPhrase(inner: string, at: number): Token | Fault {
  const text = inner
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toLowerCase();
  if (!HAS_WORD.test(text)) return fault(at, 'There is no word between these quotation marks.');
  return { kind: 'phrase', text, at };
}

function readWord(raw: string, at: number): Token | Fault {
  if (raw === 'OR' || raw === 'AND') return { kind: 'sign', sign: raw, at };
  const star = raw.indexOf('*');
  const text = (star < 0 ? raw : raw.slice(0, star)).toLowerCase();
  if (star >= 0 && star !== raw.length - 1) {
    return fault(at + star, 'A * can only stand at the end of a word.');
  }
  if (!HAS_WORD.test(text)) return fault(at, `“${raw}” has no letter or digit in it.`);
  if (star < 0) return { kind: 'word', text, at };
  if ([...text].length < PREFIX_CHARACTERS_MIN) {
    return fault(at, `Put at least ${PREFIX_CHARACTERS_MIN} letters before the *.`);
  }
  return { kind: 'prefix', text, at };
}
