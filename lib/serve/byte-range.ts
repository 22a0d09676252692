/** The first and last byte of a part, counted from 0. */
export interface BytePart {
  first: number;
  last: number;
}

const RANGE = /^bytes=[\t ]*(\d{0,15})-(\d{0,15})[\t ]*$/iu;

/**
 * The one part of a representation that a reader wants (RFC 9110, sections 14.1.2 and 14.2).
 * Several parts at once, other units and what is no range are not heard: the answer is the whole.
 * @param range the field Range; undefined when it was not sent.
 * @param ifRange the field If-Range: what the reader's other parts are of (section 13.1.5).
 * @param bytes how long the representation is.
 * @param etag its strong validator, with quotes.
 */
export function readRange(
  { range, ifRange }: { range: string | undefined; ifRange: string | undefined },
  { bytes, etag }: { bytes: number; etag: string },
): BytePart | 'whole' | 'unsatisfiable' {
  const [, from = '', to = ''] = RANGE.exec(range ?? '') ?? [];
  if (from === '' && to === '') return 'whole';
  // Of another state than ours, or of a time that we have not told anybody.
  if (ifRange !== undefined && ifRange !== etag) return 'whole';
  if (from === '') {
    const count = Math.min(Number(to), bytes);
    return count === 0 ? 'unsatisfiable' : { first: bytes - count, last: bytes - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'whole';
  if (first >= bytes) return 'unsatisfiable';
  return { first, last: to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1) };
}
