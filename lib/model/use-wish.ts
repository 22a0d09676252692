// What a publisher says of the use of its posts by search engines and by what learns from them, to
// be said again where they are shown here.

/** In the words of each way to say it, ready to be repeated; absent where nothing was said. */
export interface UseWish {
  /** Directives of X-Robots-Tag for everybody: `noai`, `max-snippet:20`. */
  robots?: string[];
  /** Those for single robots, by their names in lower case. */
  byRobot?: Record<string, string[]>;
  /** Rights of text and data mining are reserved (TDMRep, 4.1), and where their terms stand. */
  tdm?: { policyUrl?: string };
  /** Content-Usage of IETF's AIPREF: `train-ai=n`. */
  contentUsage?: string;
  /** Content-Signal, its forerunner: `ai-train=no`. */
  contentSignal?: string;
}

/** Robots that are named apart, and characters of one value; honest answers have a few. */
export const ROBOTS_MAX = 20;
const VALUE_CHARACTERS_MAX = 500;

/**
 * What is repeated. `nofollow` speaks of links, which lead to the publisher here; a date after
 * which something is to be forgotten speaks of that document alone.
 */
const PLAIN = new Set([
  'noindex',
  'noarchive',
  'nocache',
  'nosnippet',
  'noimageindex',
  'notranslate',
  'noai',
  'noimageai',
]);
const WITH_VALUE = /^(?:max-snippet:-?\d{1,6}|max-video-preview:-?\d{1,6})$/u;
const PREVIEW = /^max-image-preview:(?:none|standard|large)$/u;
/** `name: directives`; a space may stand before the colon. Directives with values have one, too. */
const NAMED = /^([a-z][a-z0-9_-]{1,40})\s*:\s*(.*)$/su;
const VALUED = /^(?:max-snippet|max-image-preview|max-video-preview|unavailable_after)$/u;
/** A name becomes that of a `<meta>`: nothing that means something else there. */
export const ROBOT = /bot|crawler|spider|agent|google|slurp|-ai$|-extended$/u;

function directiveOf(word: string): string[] {
  // `none` is noindex and nofollow in one word.
  if (word === 'none') return ['noindex'];
  const tight = word.replace(/\s*:\s*/u, ':');
  return PLAIN.has(tight) || WITH_VALUE.test(tight) || PREVIEW.test(tight) ? [tight] : [];
}

/** Reads X-Robots-Tag, a line for each field line; a name holds to the end of its line. */
function readRobotsTag(text: string): Pick<UseWish, 'robots' | 'byRobot'> {
  const all = new Set<string>();
  const byRobot = new Map<string, Set<string>>();
  for (const line of text.toLowerCase().split('\n')) {
    let into: Set<string> | undefined = all;
    for (const part of line.split(',').map((each) => each.trim())) {
      const [, name, rest] = NAMED.exec(part) ?? [];
      const isName = name !== undefined && !VALUED.test(name);
      if (isName) {
        into = byRobot.get(name);
        if (into === undefined && ROBOT.test(name) && byRobot.size < ROBOTS_MAX) {
          into = new Set();
          byRobot.set(name, into);
        }
      }
      for (const directive of directiveOf(isName ? (rest ?? '') : part)) into?.add(directive);
    }
  }
  const named = [...byRobot].filter(([, words]) => words.size > 0);
  return {
    ...(all.size === 0 ? {} : { robots: [...all] }),
    ...(named.length === 0
      ? {}
      : { byRobot: Object.fromEntries(named.map(([name, words]) => [name, [...words]])) }),
  };
}

/**
 * `train-ai=n, search=y`: what is repeated as a header has no characters that mean more there.
 * Undefined for what is none of it.
 */
export function readPairs(text: string | undefined): string | undefined {
  const value = text?.trim() ?? '';
  if (value.length > VALUE_CHARACTERS_MAX) return undefined;
  return /^[a-z*][\w*.-]*(?:=[\w.?-]+)?(?:\s*[,;]\s*[a-z*][\w*.-]*(?:=[\w.?-]+)?)*$/iu.test(value)
    ? value
    : undefined;
}

function readTdm(headers: Record<string, string>): UseWish['tdm'] {
  if (headers['tdm-reservation']?.trim() !== '1') return undefined;
  const policy = URL.parse(headers['tdm-policy']?.trim() ?? '');
  const isWeb = policy !== null && /^https?:$/u.test(policy.protocol);
  if (!isWeb || policy.href.length > VALUE_CHARACTERS_MAX) return {};
  return { policyUrl: policy.href.replaceAll("'", '%27') };
}

/**
 * What the headers of an answer say of use: X-Robots-Tag, tdm-reservation and tdm-policy,
 * Content-Usage, Content-Signal. What is not understood is left out.
 * @param headers by names in lower case; several lines of X-Robots-Tag joined by line breaks.
 */
export function readUseWish(headers: Record<string, string>): UseWish {
  const tdm = readTdm(headers);
  const contentUsage = readPairs(headers['content-usage']);
  const contentSignal = readPairs(headers['content-signal']);
  return {
    ...readRobotsTag(headers['x-robots-tag'] ?? ''),
    ...(tdm === undefined ? {} : { tdm }),
    ...(contentUsage === undefined ? {} : { contentUsage }),
    ...(contentSignal === undefined ? {} : { contentSignal }),
  };
}

/**
 * What is said at two places: every word for robots of both, and otherwise what `nearer` says
 * where it says something.
 */
export function joinWishes(nearer: UseWish, farther: UseWish): UseWish {
  const robots = [...new Set([...(nearer.robots ?? []), ...(farther.robots ?? [])])];
  const byRobot = new Map(Object.entries(farther.byRobot ?? {}));
  for (const [name, words] of Object.entries(nearer.byRobot ?? {})) {
    byRobot.set(name, [...new Set([...words, ...(byRobot.get(name) ?? [])])]);
  }
  return {
    ...farther,
    ...nearer,
    ...(robots.length === 0 ? {} : { robots }),
    ...(byRobot.size === 0 ? {} : { byRobot: Object.fromEntries(byRobot) }),
  };
}

/** The fields in which a wish was given and is repeated, each as `Name: value`. */
export function writeUseWish(wish: UseWish): string[] {
  const { robots, byRobot = {}, tdm, contentUsage, contentSignal } = wish;
  return [
    ...(robots === undefined ? [] : [`X-Robots-Tag: ${robots.join(', ')}`]),
    ...Object.entries(byRobot).map(([name, words]) => `X-Robots-Tag: ${name}: ${words.join(', ')}`),
    ...(tdm === undefined ? [] : ['tdm-reservation: 1']),
    ...(tdm?.policyUrl === undefined ? [] : [`tdm-policy: ${tdm.policyUrl}`]),
    ...(contentUsage === undefined ? [] : [`Content-Usage: ${contentUsage}`]),
    ...(contentSignal === undefined ? [] : [`Content-Signal: ${contentSignal}`]),
  ];
}

/** Names of `<meta>` that lib/serve/front.ts also sends as headers: robots read either. */
export const USE_METAS = ['tdm-reservation', 'tdm-policy', 'content-usage', 'content-signal'];

/**
 * The `<meta>` elements of a page that shows posts under a wish, by name.
 * @param own what the page says to robots for itself; a robot that is named hears that as well.
 */
export function metasOf(wish: UseWish, own: readonly string[] = []): Record<string, string> {
  const { robots = [], byRobot = {}, tdm, contentUsage, contentSignal } = wish;
  const forAll = [...new Set([...own, ...robots])];
  const named = Object.entries(byRobot).map(([name, words]) => [
    name,
    [...new Set([...forAll, ...words])].join(', '),
  ]);
  return {
    ...Object.fromEntries(named),
    ...(forAll.length === 0 ? {} : { robots: forAll.join(', ') }),
    ...(tdm === undefined ? {} : { 'tdm-reservation': '1' }),
    ...(tdm?.policyUrl === undefined ? {} : { 'tdm-policy': tdm.policyUrl }),
    ...(contentUsage === undefined ? {} : { 'content-usage': contentUsage }),
    ...(contentSignal === undefined ? {} : { 'content-signal': contentSignal }),
  };
}
