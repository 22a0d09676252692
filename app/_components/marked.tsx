import type { MarkedText } from '../../lib/model/marked-text.ts';

/** A text with what matched marked. */
export function Marked({ text }: { text: MarkedText }) {
  return text.map((piece, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move.
    piece.isMatch ? <mark key={i}>{piece.text}</mark> : piece.text,
  );
}
