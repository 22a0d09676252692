// Near-equal texts found by index: MinHash over runs of words, in bands (Broder 1997; Leskovec,
// Rajaraman, Ullman: Mining of Massive Datasets, 3.3 and 3.4). Pure.

/** Words looked at, from the start: the end is where sites add their own. */
const WORDS_MAX = 400;
/** Shorter texts are not told apart by their words. */
const WORDS_MIN = 40;
/** Words in a run. */
const RUN_WORDS = 4;
/**
 * Bands, and rows in each. Texts that share 80 % of their runs meet in a band 96 times in 100,
 * those that share 30 % five times.
 */
const BANDS = 6;
const BAND_ROWS = 4;

/** FNV-1a, 32 bits: a number for a word. */
export function fnv(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** One of many orders of all hashes: the finaliser of MurmurHash3 behind a number of its own. */
function mix(value: number, order: number): number {
  let mixed = value ^ Math.imul(order + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function runsOf(text: string): number[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length < WORDS_MIN) return [];
  const used = words.slice(0, WORDS_MAX);
  return used.slice(RUN_WORDS - 1).map((_, i) => fnv(used.slice(i, i + RUN_WORDS).join(' ')));
}

/**
 * What a text is found again by: texts that are nearly equal share at least one of these whole
 * numbers (up to 2^53), others hardly ever do. Empty for a short text. Linear in its length.
 */
export function textBands(text: string): number[] {
  const runs = runsOf(text.slice(0, WORDS_MAX * 30));
  if (runs.length === 0) return [];
  const least = Array.from({ length: BANDS * BAND_ROWS }, (_, order) =>
    runs.reduce((min, run) => Math.min(min, mix(run, order)), 0xffffffff),
  );
  return Array.from({ length: BANDS }, (_, band) => {
    const rows = least.slice(band * BAND_ROWS, (band + 1) * BAND_ROWS).join(' ');
    return (fnv(`${band} ${rows}`) & 0x1fffff) * 2 ** 32 + fnv(`${rows} ${band}`);
  });
}
