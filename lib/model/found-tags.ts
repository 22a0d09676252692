import { type TagName, tagSlug } from './tag.ts';

// Tags for posts whose feeds give none: names that are known already, found as whole words in
// title and text. Linear in the text; nothing is guessed that does not stand there.

/** Longer names are sentences. */
const PHRASE_WORDS_MAX = 4;
/** What a post is about is said at its beginning: some 1,400 words. */
export const FOUND_TEXT_CHARACTERS_MAX = 8_000;
/** More would be an index of the text. */
export const FOUND_TAGS_MAX = 5;
/** Once may be by the way. */
const TEXT_HITS_MIN = 2;
/** Shorter names are everyday words, or parts of such, in one language or another. */
const SURE_NAME_CHARACTERS_MIN = 3;

/**
 * Names that are everyday words as well. They count only as the tag is written (`Go`), and only
 * where a capital says something: not at the start of a sentence, nor in a title that capitalises
 * all its words.
 */
const EVERYDAY_WORDS: ReadonlySet<string> = new Set(
  `access active air alexa all android apple apps art arm article ask assembly asset atom aurora
   backbone bash basic beam best better bing bolt book books boot box brave brew bridge buffer bug
   build business buzz cache cake career case cassandra change changes chef chrome clean click
   clojure code coffee community company concept console container core course crystal cube culture
   data day deal debate delta deno design dev device direct discord display doc docs dream drive
   dart echo edge education elastic electron element elixir elm ember engine enterprise event events
   excel express fabric family fashion features feed fetch file film fish fitness flash flask flow
   food form forth frame free friends fun future gadgets game games gem general gear ghost git give
   glue gnome go google grep groovy guide guides hack hacks haskell health heat help helm history
   home house how idea ideas image info input insights intel interview issue java jobs joy julia
   keep kids kit language last law learning less letter life light lighthouse link links linear
   list lists live local logic love mac mail make map market marketing maps mastodon matrix maven
   media medium meta method mobile model modern money moon music nest net network new news next
   nim node nomad note notes now nuxt office open opera opinion oracle orange other outlook packer
   page paper parallels pages patch people perl personal phoenix photo photos play poetry policy
   post power press prime print privacy process product products project projects puppet pure
   python question quick quote racket rails rant react reactive reading real release releases
   remote report research resources review reviews ride right ruby rust safari salt sample scala
   scale school science scratch script search series server service services shell shop show side
   signal simple site slack social software solar solid solution solutions spark spring square
   stack start startup state stories story storm strategy stripe style swagger swift system
   systems talk talks tau team teams tech technology telegram test tests text theory thoughts
   thread threads time tip tips tool tools top tour travel trends trick tricks tutorial tutorials
   tv type update updates user users vault video videos view vision vue watch water wave weather
   web website week weekly wind windows wine word words work workflow world writing year zoom`
    .split(/\s+/u)
    .filter((word) => word !== ''),
);

/** Whether a name is an everyday English word as well. */
export const isEverydayWord = (slug: string) => EVERYDAY_WORDS.has(slug);

/** No name of several words begins or ends with one of these. */
const JOINING_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be been before but by can could did do does each
   else even every for from had has have he her here his how i if in into is it its just like many
   may me more most much must my no nor not of on one only or other our out over own per she should
   so some such than that the their them then there these they this those through to too under up
   us very was we were what when where which while who why will with would you your`.split(/\s+/u),
);

interface Word {
  slug: string;
  /** As it stands in the text, without the punctuation around it. */
  written: string;
  /** The first one of a sentence, or after a bracket or quotation mark. */
  isFirst: boolean;
}

/** Words that follow each other without punctuation between them. */
type Phrase = Word[];

/** What a post's title and text consist of. */
export interface PostWords {
  title: Phrase[];
  text: Phrase[];
  /** Whether a capital in the title says that a word is a name. */
  hasPlainTitle: boolean;
  /** Whether the language writes ordinary nouns with capitals. */
  hasCapitalNouns: boolean;
}

/** Slugs by token, for one batch: most words come again and again. */
export type SlugMemo = Map<string, string>;

function slugIn(memo: SlugMemo, token: string): string {
  const known = memo.get(token);
  if (known !== undefined) return known;
  const slug = /[\p{L}\p{N}]/u.test(token) ? tagSlug(token) : token === '&' ? 'and' : '';
  memo.set(token, slug);
  return slug;
}

const ADDRESS = /:\/\/|^www\.|^@|\S@\S/iu;
/** Around a word: everything but letters, digits, and the signs of C++, C#, A* and .NET. */
const BEFORE = /^(?:(?!\.\p{L})[^\p{L}\p{N}])+/u;
const AFTER = /(?:['’]s)?[^\p{L}\p{N}+#♯*]*$/u;

/** Nothing but letters and digits: most words of most texts. */
const BARE = /^[A-Za-z0-9]+$/u;

/** Cuts a text into phrases. */
class PhraseReader {
  readonly phrases: Phrase[] = [];
  readonly #memo: SlugMemo;
  #phrase: Phrase = [];
  #isFirst = true;

  constructor(memo: SlugMemo) {
    this.#memo = memo;
  }

  /** @param isSentence whether what follows begins a sentence. */
  end(isSentence: boolean): void {
    if (this.#phrase.length > 0) this.phrases.push(this.#phrase);
    this.#phrase = [];
    if (isSentence) this.#isFirst = true;
  }

  #add(written: string): void {
    const slug = slugIn(this.#memo, written);
    if (slug === '') {
      this.end(false);
      return;
    }
    this.#phrase.push({ slug, written, isFirst: this.#isFirst });
    this.#isFirst = false;
  }

  /** @param raw what stands between two spaces. */
  read(raw: string): void {
    if (BARE.test(raw) || raw === '&') this.#add(raw);
    else if (ADDRESS.test(raw)) this.end(true);
    else this.#readMarked(raw);
  }

  #readMarked(raw: string): void {
    const before = BEFORE.exec(raw)?.[0] ?? '';
    if (before !== '' && before !== '#') this.end(true);
    const inner = raw.slice(before.length);
    const after = AFTER.exec(inner)?.[0] ?? '';
    const core = inner.slice(0, inner.length - after.length);
    // `Linux-based` and `TCP/IP` hold words, and their slugs have the same `-` between them.
    for (const part of core.split(/[-‐‑/]/u)) if (part !== '') this.#add(part);
    if (/[^'’s]/u.test(after)) this.end(/[.!?…:]/u.test(after));
  }
}

function readPhrases(text: string, memo: SlugMemo): Phrase[] {
  const reader = new PhraseReader(memo);
  for (const line of text.split('\n')) {
    for (const raw of line.split(/\s+/u)) if (raw !== '') reader.read(raw);
    reader.end(true);
  }
  return reader.phrases;
}

/** Words of so many letters are written small but for a reason; `is` and `The` tell less. */
const TELLING_LETTERS_MIN = 4;

/** Not `What Go Does When It Waits`, nor all in capitals: there a capital says nothing. */
function isPlain(phrases: Phrase[]): boolean {
  const inner = phrases.flat().filter(({ isFirst }) => !isFirst);
  const long = inner.filter(({ written }) => [...written].length >= TELLING_LETTERS_MIN);
  const words = long.length > 0 ? long : inner;
  const capital = words.filter(({ written }) => /^\p{Lu}/u.test(written)).length;
  return capital * 2 <= words.length;
}

/**
 * Reads a post's words.
 * @param post.text plain, a paragraph a line; its first FOUND_TEXT_CHARACTERS_MAX characters count.
 */
export function readWords(
  post: { title: string; text: string; language: string | null },
  memo: SlugMemo,
): PostWords {
  const title = readPhrases(post.title, memo);
  return {
    title,
    text: readPhrases(post.text.slice(0, FOUND_TEXT_CHARACTERS_MAX), memo),
    hasPlainTitle: isPlain(title),
    hasCapitalNouns: /^(?:de|lb|gsw)(?:-|$)/u.test(post.language ?? ''),
  };
}

/**
 * Calls `meet` with all that might be a name from `start` on, the longest first, until it is
 * content. @returns how many words that took; 0 when nothing was met.
 */
function tryNames(
  phrase: Phrase,
  start: number,
  meet: (slug: string, words: number, first: Word) => boolean,
): number {
  const first = phrase[start];
  if (first === undefined) return 0;
  const slugs = [first.slug];
  const room = Math.min(PHRASE_WORDS_MAX, phrase.length - start);
  const last = JOINING_WORDS.has(first.slug) ? 1 : room;
  for (let words = 2; words <= last; words++) {
    slugs.push(`${slugs[words - 2]}-${phrase[start + words - 1]?.slug}`);
  }
  for (let words = last; words > 0; words--) {
    if (words > 1 && JOINING_WORDS.has(phrase[start + words - 1]?.slug ?? '')) continue;
    if (meet(slugs[words - 1] ?? '', words, first)) return words;
  }
  return 0;
}

/** Slugs of all that might be a name in these words: of one to four of them. */
export function possibleSlugs({ title, text }: PostWords): Set<string> {
  const slugs = new Set<string>();
  for (const phrase of [...title, ...text]) {
    for (let start = 0; start < phrase.length; start++) {
      tryNames(phrase, start, (slug) => {
        slugs.add(slug);
        return false;
      });
    }
  }
  return slugs;
}

/** A tag that may be given; `name` as this slug (the tag's own or an alias) is written. */
export interface KnownTag extends TagName {
  id: number;
}

/** How an everyday word is written when it is a name. */
function isAsWritten(written: string, name: string): boolean {
  if (written === written.toLowerCase()) return false;
  const [first = '', ...rest] = name;
  const isShort = name.length <= SURE_NAME_CHARACTERS_MIN;
  return (
    written === name ||
    written === first.toUpperCase() + rest.join('') ||
    (isShort && written === name.toUpperCase())
  );
}

interface Hits {
  tag: KnownTag;
  /** Words of the longest name that was met. */
  words: number;
  inTitle: number;
  inText: number;
}

function countHits(
  phrases: Phrase[],
  known: ReadonlyMap<string, KnownTag>,
  hits: Map<number, Hits>,
  place: 'inTitle' | 'inText',
  isTelling: boolean,
): void {
  const meet = (slug: string, words: number, first: Word) => {
    const tag = known.get(slug);
    if (tag === undefined) return false;
    const isEveryday =
      words === 1 && (slug.length < SURE_NAME_CHARACTERS_MIN || isEverydayWord(slug));
    if (isEveryday && !(isTelling && !first.isFirst && isAsWritten(first.written, tag.name))) {
      return false;
    }
    const before = hits.get(tag.id) ?? { tag, words: 0, inTitle: 0, inText: 0 };
    before[place] += 1;
    before.words = Math.max(before.words, words);
    hits.set(tag.id, before);
    return true;
  };
  for (const phrase of phrases) {
    for (let start = 0; start < phrase.length; ) {
      // The longest name counts: `Amazon Web Services` is not about Amazon.
      start += Math.max(1, tryNames(phrase, start, meet));
    }
  }
}

/**
 * The tags that a post's words name: once in the title, or twice in the text. The best first: of
 * the title, of longer names, of more hits, of those that come first; at most FOUND_TAGS_MAX.
 * @param known by slug, aliases among them.
 */
export function findTags(words: PostWords, known: ReadonlyMap<string, KnownTag>): KnownTag[] {
  const hits = new Map<number, Hits>();
  const { title, text, hasPlainTitle, hasCapitalNouns } = words;
  countHits(title, known, hits, 'inTitle', hasPlainTitle && !hasCapitalNouns);
  countHits(text, known, hits, 'inText', !hasCapitalNouns);
  return [...hits.values()]
    .filter(({ inTitle, inText }) => inTitle > 0 || inText >= TEXT_HITS_MIN)
    .sort(
      (a, b) =>
        Number(b.inTitle > 0) - Number(a.inTitle > 0) || b.words - a.words || b.inText - a.inText,
    )
    .slice(0, FOUND_TAGS_MAX)
    .map(({ tag }) => tag);
}
