// @ts-check
// What a reader has muted: kept in this browser, read and written here alone.

/** @typedef {{ tags: string[], sources: string[], words: string[] }} Muted */
/** @typedef {keyof Muted} Kind */

/** The kinds, each with its name in an address. @type {Record<Kind, string>} */
export const KINDS = { tags: 'tag', sources: 'source', words: 'word' };
const KEY = 'muted';
/** When it was last asked where tags have gone, in milliseconds since 1970. */
const ASKED_KEY = 'muted-asked';
const ASK_AGAIN_MS = 24 * 3_600_000;
/** Of a kind. What is written by hand has some dozens. */
const ENTRIES_MAX = 500;
const CHARACTERS_MAX = 100;
const NOT_KEPT =
  'This browser keeps nothing for this site: allow it to store data here, and try again.';
const FULL = `There are ${ENTRIES_MAX} of these already: remove some, and try again.`;
const NO_WORD = 'There is no word in it: write one, and try again.';

/** Letters alike: without case and accents. @param {string} text */
const fold = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
/** Its words with a space before and after each. @param {string} text */
export const wordsOf = (text) => ` ${(fold(text).match(/[\p{L}\p{N}_+#]+/gu) ?? []).join(' ')} `;
/** In these scripts nothing stands between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Without percent-encoding; as it is where it has none. @param {string} path of an address */
export function plainPath(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * An entry as it is kept: a tag or source by its name in addresses, which may be given as one.
 * @param {Kind} kind @param {string} text @returns {string} empty for what says nothing
 */
export function tidy(kind, text) {
  const given = text.trim().slice(0, 4 * CHARACTERS_MAX);
  if (kind === 'words')
    return wordsOf(given).trim() === '' ? '' : given.slice(0, CHARACTERS_MAX).trim();
  const [, path] = /\/(?:tag|source)\/([^/?#]+)/u.exec(given) ?? [];
  const name = path === undefined ? given : plainPath(path);
  return name.trim().toLowerCase().replace(/\s+/gu, '-').slice(0, CHARACTERS_MAX);
}

/** @param {unknown} value of a file, an address or the store @returns {Muted} what of it is one */
export function mutedOf(value) {
  const given = /** @type {Record<string, unknown>} */ (
    value !== null && typeof value === 'object' ? value : {}
  );
  /** @param {Kind} kind */
  const entries = (kind) => {
    const list = Array.isArray(given[kind]) ? given[kind] : [];
    const texts = list.filter((entry) => typeof entry === 'string');
    const kept = texts.map((text) => tidy(kind, text)).filter((text) => text !== '');
    return [...new Set(kept)].slice(0, ENTRIES_MAX);
  };
  return { tags: entries('tags'), sources: entries('sources'), words: entries('words') };
}

/** @returns {Muted} */
export function readMuted() {
  try {
    return mutedOf(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    // Storage is switched off, or holds what is no JSON: nothing is muted.
    return mutedOf({});
  }
}

/** How many entries there are. @param {Muted} muted */
export const sizeOf = ({ tags, sources, words }) => tags.length + sources.length + words.length;

/** @param {Muted} muted @returns {string | undefined} what hindered it: this browser keeps nothing */
export function writeMuted(muted) {
  try {
    const known = new Set(readMuted().tags);
    // One that comes from a file or an address may have moved already.
    if (muted.tags.some((tag) => !known.has(tag))) localStorage.removeItem(ASKED_KEY);
    if (sizeOf(muted) === 0) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, JSON.stringify(mutedOf(muted)));
  } catch {
    return NOT_KEPT;
  }
  dispatchEvent(new Event('muted'));
  return undefined;
}

/**
 * Adds an entry or takes it away.
 * @param {Kind} kind @param {string} text @param {boolean} on
 * @returns {string | undefined} what hindered it, and what to do
 */
export function mute(kind, text, on) {
  const muted = readMuted();
  const entry = tidy(kind, text);
  if (entry === '') return NO_WORD;
  const others = muted[kind].filter((each) => each !== entry);
  if (on && others.length >= ENTRIES_MAX) return FULL;
  return writeMuted({ ...muted, [kind]: on ? [...others, entry] : others });
}

/**
 * Mutes the tags that muted ones have become: merged with others, or named otherwise. Once a day
 * at most, and by the list of all that have moved, which tells nobody what is muted here.
 */
export async function followMovedTags() {
  if (readMuted().tags.length === 0) return;
  try {
    if (Date.now() - Number(localStorage.getItem(ASKED_KEY)) < ASK_AGAIN_MS) return;
    const answer = await fetch('/tags/moved.json');
    if (!answer.ok) return;
    const moved = new Map(Object.entries(await answer.json()));
    const muted = readMuted();
    const tags = muted.tags.map((tag) => moved.get(tag) ?? tag);
    if (tags.some((tag, n) => tag !== muted.tags[n])) writeMuted({ ...muted, tags });
    localStorage.setItem(ASKED_KEY, String(Date.now()));
  } catch {
    // No network at this moment, or no storage: the next page asks again.
  }
}

/** Both together. @param {Muted} a @param {Muted} b */
export const joinMuted = (a, b) =>
  mutedOf({
    tags: [...a.tags, ...b.tags],
    sources: [...a.sources, ...b.sources],
    words: [...a.words, ...b.words],
  });

/** As the part of an address behind its `#`, which no browser sends. @param {Muted} muted */
export function toFragment(muted) {
  const fields = new URLSearchParams();
  for (const [kind, name] of /** @type {[Kind, string][]} */ (Object.entries(KINDS))) {
    for (const entry of muted[kind]) fields.append(name, entry);
  }
  return String(fields);
}

/** @param {string} fragment with its `#` */
export function fromFragment(fragment) {
  const fields = new URLSearchParams(fragment.slice(1));
  const { tags, sources, words } = KINDS;
  return mutedOf({
    tags: fields.getAll(tags),
    sources: fields.getAll(sources),
    words: fields.getAll(words),
  });
}

/**
 * Tells of a post whether it is muted. What a page is about is not muted there: somebody went to it.
 * @param {Muted} muted @param {string} path of the page
 * @returns {(post: { tags: string[], source: string, text: () => string }) => boolean}
 */
export function muteRule(muted, path) {
  const [, list = '', name = ''] = /^\/(tag|source)\/([^/]+)/u.exec(path) ?? [];
  const own = list === 'tag' ? name.split(/[+~]/u) : [name];
  const tags = new Set(muted.tags.filter((tag) => list !== 'tag' || !own.includes(tag)));
  const sources = new Set(muted.sources.filter((slug) => list !== 'source' || !own.includes(slug)));
  const words = muted.words.map((word) =>
    UNSPACED.test(word) ? wordsOf(word).trim() : wordsOf(word),
  );
  return (post) => {
    if (sources.has(post.source) || post.tags.some((tag) => tags.has(tag))) return true;
    if (words.length === 0) return false;
    const text = wordsOf(post.text());
    return words.some((word) => text.includes(word));
  };
}
