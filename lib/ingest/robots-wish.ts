import { ROBOT, ROBOTS_MAX, readPairs, type UseWish } from '../model/use-wish.ts';

// What the robots.txt of a publisher's site says of use, for the pages here that show its posts.

/** What a robot that may read nothing of a site is told of copies of it. */
const SHUT_OUT = ['noindex', 'nosnippet', 'noai'];

interface Group {
  /** Product tokens in lower case; `*` is every robot. */
  robots: string[];
  /** Its first letter on, nothing may be read. */
  isShut: boolean;
  /** Something may be read after all. */
  isOpen: boolean;
  contentUsage?: string | undefined;
  contentSignal?: string | undefined;
}

const RECORD = /^\s*([a-z-]+)\s*:([^#]*)/iu;
/** A product token is letters, `_` and `-` (RFC 9309, 2.2.1); real ones have digits, too. */
const TOKEN = /^(?:\*|[a-z0-9_-]+)/iu;

/** A preference for the whole site: one for a part of it says nothing of the rest. */
function forAll(value: string): string | undefined {
  const [, path, pairs] = /^(?:(\/\S*)\s+)?(.*)$/su.exec(value) ?? [];
  return path === undefined || path === '/' ? readPairs(pairs) : undefined;
}

function readRecord(group: Group, name: string, value: string): void {
  if (name === 'disallow') group.isShut ||= /^\/\**$/u.test(value);
  else if (name === 'allow') group.isOpen ||= value !== '';
  else if (name === 'content-usage') group.contentUsage ??= forAll(value);
  else if (name === 'content-signal') group.contentSignal ??= forAll(value);
}

function groupsOf(text: string): Group[] {
  const groups: Group[] = [];
  let isAmongNames = false;
  for (const line of text.split(/\r\n|\r|\n/u)) {
    const [, name = '', rest = ''] = RECORD.exec(line) ?? [];
    const value = rest.trim();
    if (name === '') continue;
    if (name.toLowerCase() !== 'user-agent') {
      isAmongNames = false;
      const group = groups.at(-1);
      if (group !== undefined) readRecord(group, name.toLowerCase(), value);
      continue;
    }
    if (!isAmongNames) groups.push({ robots: [], isShut: false, isOpen: false });
    isAmongNames = true;
    const robot = TOKEN.exec(value)?.[0].toLowerCase();
    if (robot !== undefined) groups.at(-1)?.robots.push(robot);
  }
  return groups;
}

/**
 * Reads from a robots.txt (RFC 9309) what it says of use: Content-Usage (IETF AIPREF, attach) and
 * Content-Signal for every robot and the whole site, and which robots may read nothing at all.
 * Linear in its length; what is not understood says nothing.
 */
export function readRobotsWish(text: string): UseWish {
  const groups = groupsOf(text);
  const ofAll = groups.filter(({ robots }) => robots.includes('*'));
  const contentUsage = ofAll.find((group) => group.contentUsage)?.contentUsage;
  const contentSignal = ofAll.find((group) => group.contentSignal)?.contentSignal;
  const shut = new Set(
    groups.filter(({ isShut, isOpen }) => isShut && !isOpen).flatMap(({ robots }) => robots),
  );
  const names = [...shut].filter((name) => ROBOT.test(name)).slice(0, ROBOTS_MAX);
  return {
    ...(shut.has('*') ? { robots: SHUT_OUT } : {}),
    ...(names.length === 0
      ? {}
      : { byRobot: Object.fromEntries(names.map((name) => [name, SHUT_OUT])) }),
    ...(contentUsage === undefined ? {} : { contentUsage }),
    ...(contentSignal === undefined ? {} : { contentSignal }),
  };
}
