import { messageOf } from '../lib/errors.ts';
import type { MarkedText } from '../lib/model/marked-text.ts';

const BOLD = '\x1b[1m';
const NOT_BOLD = '\x1b[22m';

/** Feeds are hostile: what a terminal would take for a command is taken out. */
export const oneLine = (text: string) => text.replace(/\s+/gu, ' ').replace(/\p{Cc}/gu, '');

/** Matched words stand out on a terminal, and are plain in a file. */
export function showMarked(text: MarkedText): string {
  const pieces = text.map((piece) => {
    const plain = oneLine(piece.text);
    return piece.isMatch && process.stdout.isTTY ? `${BOLD}${plain}${NOT_BOLD}` : plain;
  });
  return pieces.join('');
}

/** `1 feed`, `12 feeds`. */
export const plural = (number: number, one: string, many = `${one}s`) =>
  `${number} ${number === 1 ? one : many}`;

/** Why a file could not be read, in words. */
export function whyUnread(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a folder';
    case 'EACCES':
      return 'this user may not read it';
    default:
      return messageOf(error);
  }
}
