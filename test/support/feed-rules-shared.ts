import { type XmlAttribute, XmlElement, XmlText } from 'libxml2-wasm';

// What the rules of RSS and of Atom have alike (feed-rules.ts).

/** `Name: where and what`, as `InvalidRFC2822Date: item 1, pubDate "yesterday"`. */
export type Complaint = string;

export const NS = {
  atom: 'http://www.w3.org/2005/Atom',
  at: 'http://purl.org/atompub/tombstones/1.0',
  content: 'http://purl.org/rss/1.0/modules/content/',
  dc: 'http://purl.org/dc/elements/1.1/',
  cc: 'http://backend.userland.com/creativeCommonsRssModule',
  fh: 'http://purl.org/syndication/history/1.0',
  media: 'http://search.yahoo.com/mrss/',
  xhtml: 'http://www.w3.org/1999/xhtml',
};
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u;
export const MIME = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w-]+=[\w-]+)*$/u;
const LANGUAGE = /^[a-z]{2,8}(-[a-z\d]{1,8})*$/iu;
/** Of an IRI's characters alone (RFC 3987, section 2.2), with a scheme. */
const IRI = /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`\p{Cc}\p{Co}\p{Cs}]+$/iu;

export interface Look {
  complaints: Complaint[];
  where: string;
}

export const say = ({ complaints, where }: Look, name: string, what: string) =>
  complaints.push(`${name}: ${where}, ${what}`);

export function* childrenOf(element: XmlElement): Generator<XmlElement> {
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (node instanceof XmlElement) yield node;
  }
}

export const named = (element: XmlElement, name: string, namespace = '') =>
  [...childrenOf(element)].filter(
    (child) => child.name === name && (child.namespaceUri || '') === namespace,
  );
export const textOf = (element: XmlElement | undefined) => element?.content ?? '';
export const attribute = (element: XmlElement, name: string): string | undefined =>
  element.attrs.find((each: XmlAttribute) => each.name === name)?.content;

/** What elements of one kind may hold. */
export interface Kind {
  namespace: string;
  /** Names of their children in that namespace. */
  children: string[];
  /** Which of those may stand in it more than once. */
  many: string[];
}

export function checkElements(look: Look, element: XmlElement, kind: Kind): void {
  const seen = new Set<string>();
  for (const child of childrenOf(element)) {
    if ((child.namespaceUri || '') !== kind.namespace) continue;
    if (!kind.children.includes(child.name)) say(look, 'UndefinedElement', child.name);
    if (seen.has(child.name) && !kind.many.includes(child.name)) {
      say(look, 'DuplicateElement', child.name);
    }
    seen.add(child.name);
  }
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (!(node instanceof XmlElement) && node instanceof XmlText && node.content.trim() !== '') {
      say(look, 'UnexpectedText', node.content.trim());
    }
  }
}

export function checkAttributes(look: Look, element: XmlElement, known: string[]): void {
  for (const { name, namespaceUri } of element.attrs) {
    if (!namespaceUri && !known.includes(name)) say(look, 'UnexpectedAttribute', name);
  }
}

/** Controls of ISO 8859-1: mostly the quotation marks of Windows that somebody has read as that. */
export function checkCharacters(look: Look, xml: string): void {
  const [bad] = /[\u007f-\u009f]/u.exec(xml) ?? [];
  if (bad !== undefined) say(look, 'BadCharacters', `U+${bad.charCodeAt(0).toString(16)}`);
}

/** Feeds are younger, and posts from the future are mistakes. */
export function checkPlausible(look: Look, what: string, value: string): void {
  const time = Date.parse(value);
  if (time < Date.UTC(1990, 0) || time > Date.now() + 24 * 3600 * 1000) {
    say(look, 'ImplausibleDate', `${what} ${value}`);
  }
}

/** A document of an archive says where the feed is that it belongs to (RFC 5005, section 4). */
export function checkArchive(look: Look, element: XmlElement): void {
  const isArchive = named(element, 'archive', NS.fh).length > 0;
  const links = named(element, 'link', NS.atom);
  if (isArchive && !links.some((link) => attribute(link, 'rel') === 'current')) {
    say(look, 'MissingCurrentInArchive', 'link rel="current"');
  }
}

export function checkIri(look: Look, what: string, value: string | undefined): void {
  if (value === undefined || !IRI.test(value)) {
    say(look, 'InvalidFullLink', `${what} ${JSON.stringify(value)}`);
    return;
  }
  if (/^https?:/iu.test(value) && !URL.canParse(value)) say(look, 'InvalidURI', `${what} ${value}`);
}

export function check3339(look: Look, what: string, value: string): void {
  if (!RFC3339.test(value) || Number.isNaN(Date.parse(value))) {
    say(look, 'InvalidRFC3339Date', `${what} ${JSON.stringify(value)}`);
    return;
  }
  checkPlausible(look, what, value);
}

/** What Media RSS and Creative Commons add to an item or entry. */
export function checkExtras(look: Look, element: XmlElement): void {
  for (const name of ['content', 'thumbnail']) {
    for (const media of named(element, name, NS.media)) {
      checkIri(look, `media:${name}`, attribute(media, 'url'));
      const type = attribute(media, 'type');
      if (type !== undefined && !MIME.test(type)) say(look, 'InvalidMIMEType', type);
      const size = attribute(media, 'fileSize');
      if (size !== undefined && !/^\d+$/u.test(size)) {
        say(look, 'InvalidIntegerAttribute', `fileSize ${size}`);
      }
    }
  }
  for (const licence of named(element, 'license', NS.cc)) {
    checkIri(look, 'creativeCommons:license', textOf(licence));
  }
}

export function checkLanguage(look: Look, what: string, value: string): void {
  if (!LANGUAGE.test(value)) say(look, 'InvalidLanguage', `${what} ${JSON.stringify(value)}`);
}

export function checkUnique(look: Look, name: string, values: string[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) say(look, name, value);
    seen.add(value);
  }
}
