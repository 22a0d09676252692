import { type XmlAttribute, XmlDocument, XmlElement } from 'libxml2-wasm';
import { parseFragment } from 'parse5';

// What the W3C feed validator complains of, under its own names for it: its errors, and those of
// its warnings that a publisher can mend. Written from its documentation of each message and from
// the specifications that these name; it shares no code with what writes our feeds.

/** `Name: where and what`, as `InvalidRFC2822Date: item 1, pubDate "yesterday"`. */
export type Complaint = string;

const NS = {
  atom: 'http://www.w3.org/2005/Atom',
  at: 'http://purl.org/atompub/tombstones/1.0',
  content: 'http://purl.org/rss/1.0/modules/content/',
  dc: 'http://purl.org/dc/elements/1.1/',
  xhtml: 'http://www.w3.org/1999/xhtml',
};
/** What each element may hold that has no namespace (RSS 2.0). */
const RSS_ELEMENTS: Record<string, string[]> = {
  rss: ['channel'],
  channel:
    'title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs cloud ttl image rating textInput skipHours skipDays item'.split(
      ' ',
    ),
  item: 'title link description author category comments enclosure guid pubDate source'.split(' '),
};
const ATOM_ELEMENTS: Record<string, string[]> = {
  feed: 'author category contributor generator icon id link logo rights subtitle title updated entry'.split(
    ' ',
  ),
  entry:
    'author category content contributor id link published rights source summary title updated'.split(
      ' ',
    ),
};
const MAY_REPEAT = new Set(['category', 'item', 'link', 'author', 'contributor', 'entry']);
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const RFC822 =
  /^(?:(Sun|Mon|Tue|Wed|Thu|Fri|Sat), )?(\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d (GMT|UT|[+-]\d{4})$/u;
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/u;
const MIME = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w-]+=[\w-]+)*$/u;
const LANGUAGE = /^[a-z]{2,8}(-[a-z\d]{1,8})*$/iu;
/** Of an IRI's characters alone (RFC 3987, section 2.2), with a scheme. */
const IRI = /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`\p{Cc}\p{Co}\p{Cs}]+$/iu;
const UNSAFE_ELEMENT = new Set(
  'script style link meta object embed applet iframe frame form input base'.split(' '),
);

interface Look {
  complaints: Complaint[];
  where: string;
}

const say = ({ complaints, where }: Look, name: string, what: string) =>
  complaints.push(`${name}: ${where}, ${what}`);

function* childrenOf(element: XmlElement): Generator<XmlElement> {
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (node instanceof XmlElement) yield node;
  }
}

const named = (element: XmlElement, name: string, namespace = '') =>
  [...childrenOf(element)].filter(
    (child) => child.name === name && (child.namespaceUri || '') === namespace,
  );
const textOf = (element: XmlElement | undefined) => element?.content ?? '';
const attribute = (element: XmlElement, name: string): string | undefined =>
  element.attrs.find((each: XmlAttribute) => each.name === name)?.content;

function checkElements(look: Look, element: XmlElement, known: string[], namespace: string): void {
  const seen = new Set<string>();
  for (const child of childrenOf(element)) {
    if ((child.namespaceUri || '') !== namespace) continue;
    if (!known.includes(child.name)) say(look, 'UndefinedElement', child.name);
    if (seen.has(child.name) && !MAY_REPEAT.has(child.name)) {
      say(look, 'DuplicateElement', child.name);
    }
    seen.add(child.name);
  }
}

function checkIri(look: Look, what: string, value: string | undefined): void {
  if (value === undefined || !IRI.test(value)) {
    say(look, 'InvalidFullLink', `${what} ${JSON.stringify(value)}`);
    return;
  }
  if (/^https?:/iu.test(value) && !URL.canParse(value)) say(look, 'InvalidURI', `${what} ${value}`);
}

function check822(look: Look, what: string, value: string): void {
  const match = RFC822.exec(value);
  if (match === null || Number.isNaN(Date.parse(value))) {
    say(look, 'InvalidRFC2822Date', `${what} ${JSON.stringify(value)}`);
    return;
  }
  const [, day, date, month, year] = match;
  const right = DAYS[new Date(`${date} ${month} ${year} 00:00:00 GMT`).getUTCDay()];
  if (day !== undefined && day !== right) say(look, 'IncorrectDOW', `${what} ${value}`);
}

function check3339(look: Look, what: string, value: string): void {
  if (!RFC3339.test(value) || Number.isNaN(Date.parse(value))) {
    say(look, 'InvalidRFC3339Date', `${what} ${JSON.stringify(value)}`);
  }
}

function checkLanguage(look: Look, what: string, value: string): void {
  if (!LANGUAGE.test(value)) say(look, 'InvalidLanguage', `${what} ${JSON.stringify(value)}`);
}

interface HtmlNode {
  tagName?: string;
  attrs?: { name: string; value: string }[];
  childNodes?: HtmlNode[];
}

/** What is in the HTML of an item that a reader must not run, or could not follow. */
function checkHtml(look: Look, html: string): void {
  const walk = (node: HtmlNode) => {
    if (UNSAFE_ELEMENT.has(node.tagName ?? '')) say(look, 'SecurityRisk', `<${node.tagName}>`);
    for (const { name, value } of node.attrs ?? []) {
      if (/^on/iu.test(name) || name === 'style') say(look, 'SecurityRiskAttr', name);
      if (name !== 'href' && name !== 'src') continue;
      if (/^\s*(javascript|vbscript|data):/iu.test(value)) say(look, 'SecurityRiskAttr', value);
      if (!/^[a-z][a-z\d+.-]*:/iu.test(value)) say(look, 'ContainsRelRef', `${name} ${value}`);
    }
    node.childNodes?.forEach(walk);
  };
  walk(parseFragment(html) as HtmlNode);
}

function checkUnique(look: Look, name: string, values: string[]): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) say(look, name, value);
    seen.add(value);
  }
}

function checkRssItem(look: Look, item: XmlElement): void {
  checkElements(look, item, RSS_ELEMENTS.item ?? [], '');
  const one = (name: string) => named(item, name)[0];
  if (!textOf(one('title')).trim() && !textOf(one('description')).trim()) {
    say(look, 'ItemMustContainTitleOrDescription', 'neither');
  }
  const guid = one('guid');
  if (guid === undefined) say(look, 'MissingGuid', 'guid');
  else if (textOf(guid).trim() === '') say(look, 'NotBlank', 'guid');
  else if (textOf(guid) !== textOf(guid).trim()) say(look, 'UnexpectedWhitespace', 'guid');
  else if (attribute(guid, 'isPermaLink') !== 'false') checkIri(look, 'guid', textOf(guid));
  for (const name of ['link', 'comments']) {
    const element = one(name);
    if (element !== undefined) checkIri(look, name, textOf(element));
  }
  for (const date of named(item, 'pubDate')) check822(look, 'pubDate', textOf(date));
  for (const author of named(item, 'author')) {
    if (!/^[^@\s]+@[^@\s]+/u.test(textOf(author))) say(look, 'InvalidContact', textOf(author));
  }
  for (const source of named(item, 'source')) {
    checkIri(look, 'source url', attribute(source, 'url'));
    if (textOf(source).trim() === '') say(look, 'NotBlank', 'source');
  }
  for (const enclosure of named(item, 'enclosure')) {
    checkIri(look, 'enclosure url', attribute(enclosure, 'url'));
    if (!/^\d+$/u.test(attribute(enclosure, 'length') ?? '')) {
      say(look, 'InvalidIntegerAttribute', `enclosure length ${attribute(enclosure, 'length')}`);
    }
    if (!MIME.test(attribute(enclosure, 'type') ?? '')) {
      say(look, 'InvalidMIMEType', `enclosure type ${attribute(enclosure, 'type')}`);
    }
  }
  for (const html of [...named(item, 'description'), ...named(item, 'encoded', NS.content)]) {
    checkHtml(look, textOf(html));
  }
  for (const language of named(item, 'language', NS.dc)) {
    checkLanguage(look, 'dc:language', textOf(language));
  }
  for (const updated of named(item, 'updated', NS.atom)) {
    check3339(look, 'atom:updated', textOf(updated));
  }
}

function checkRss(complaints: Complaint[], root: XmlElement): void {
  const look = { complaints, where: 'channel' };
  if (attribute(root, 'version') !== '2.0') say(look, 'MissingAttribute', 'rss version');
  const channel = named(root, 'channel')[0];
  if (channel === undefined) {
    say(look, 'MissingElement', 'channel');
    return;
  }
  checkElements(look, channel, RSS_ELEMENTS.channel ?? [], '');
  for (const name of ['title', 'link', 'description']) {
    const element = named(channel, name)[0];
    if (element === undefined) say(look, 'MissingElement', name);
    else if (textOf(element).trim() === '') say(look, 'NotBlank', name);
  }
  for (const link of named(channel, 'link')) checkIri(look, 'link', textOf(link));
  for (const name of ['pubDate', 'lastBuildDate']) {
    for (const date of named(channel, name)) check822(look, name, textOf(date));
  }
  for (const ttl of named(channel, 'ttl')) {
    if (!/^[1-9]\d*$/u.test(textOf(ttl))) say(look, 'InvalidTTL', textOf(ttl));
  }
  for (const language of named(channel, 'language')) {
    checkLanguage(look, 'language', textOf(language));
  }
  const links = named(channel, 'link', NS.atom);
  for (const link of links) checkIri(look, 'atom:link', attribute(link, 'href'));
  if (!links.some((link) => attribute(link, 'rel') === 'self')) {
    say(look, 'MissingSelf', 'atom:link rel="self"');
  }
  const items = named(channel, 'item');
  for (const [n, item] of items.entries()) {
    checkRssItem({ complaints, where: `item ${n + 1}` }, item);
  }
  checkUnique(
    look,
    'DuplicateValue',
    items.map((item) => textOf(named(item, 'guid')[0])),
  );
}

function checkAtomText(look: Look, element: XmlElement): void {
  const type = attribute(element, 'type') ?? 'text';
  if (!['text', 'html', 'xhtml'].includes(type)) say(look, 'InvalidTextType', type);
  if (type === 'html') checkHtml(look, textOf(element));
  if (type === 'text' && [...childrenOf(element)].length > 0) {
    say(look, 'UndefinedElement', `elements in ${element.name}`);
  }
}

function checkAtomLinks(look: Look, element: XmlElement): void {
  const links = named(element, 'link', NS.atom);
  for (const link of links) {
    checkIri(look, `link ${attribute(link, 'rel')}`, attribute(link, 'href'));
    const type = attribute(link, 'type');
    if (type !== undefined && !MIME.test(type)) say(look, 'InvalidMIMEType', type);
    const length = attribute(link, 'length');
    if (length !== undefined && !/^\d+$/u.test(length)) {
      say(look, 'InvalidIntegerAttribute', `length ${length}`);
    }
    const rel = attribute(link, 'rel');
    if (rel !== undefined && !/^[a-z][a-z\d.-]*$|:/iu.test(rel))
      say(look, 'UnregisteredLinkRel', rel);
  }
  checkUnique(
    look,
    'DuplicateAtomLink',
    links
      .filter((link) => (attribute(link, 'rel') ?? 'alternate') === 'alternate')
      .map((link) => `${attribute(link, 'type')} ${attribute(link, 'hreflang')}`),
  );
}

/** What feeds, entries and the sources of entries have alike. */
function checkAtomCommon(look: Look, element: XmlElement, required: string[]): void {
  checkElements(look, element, ATOM_ELEMENTS[element.name] ?? ATOM_ELEMENTS.feed ?? [], NS.atom);
  for (const name of required) {
    const child = named(element, name, NS.atom)[0];
    if (child === undefined) say(look, 'MissingElement', name);
    else if (textOf(child).trim() === '') say(look, 'NotBlank', name);
  }
  for (const id of named(element, 'id', NS.atom)) {
    if (textOf(id) !== textOf(id).trim()) say(look, 'UnexpectedWhitespace', 'id');
    else checkIri(look, 'id', textOf(id));
  }
  for (const name of ['updated', 'published']) {
    for (const date of named(element, name, NS.atom)) check3339(look, name, textOf(date));
  }
  for (const name of ['title', 'subtitle', 'summary', 'rights']) {
    for (const text of named(element, name, NS.atom)) checkAtomText(look, text);
  }
  for (const person of named(element, 'author', NS.atom)) {
    if (textOf(named(person, 'name', NS.atom)[0]).trim() === '')
      say(look, 'MissingElement', 'name');
  }
  for (const category of named(element, 'category', NS.atom)) {
    if (!attribute(category, 'term')) say(look, 'MissingAttribute', 'category term');
  }
  const language = attribute(element, 'lang');
  if (language !== undefined) checkLanguage(look, 'xml:lang', language);
  checkAtomLinks(look, element);
}

function checkAtomEntry(look: Look, entry: XmlElement, hasFeedAuthor: boolean): void {
  checkAtomCommon(look, entry, ['id', 'title', 'updated']);
  const content = named(entry, 'content', NS.atom)[0];
  const source = named(entry, 'source', NS.atom)[0];
  if (content !== undefined) checkAtomText(look, content);
  const hasAuthor = [entry, source].some(
    (each) => each !== undefined && named(each, 'author', NS.atom).length > 0,
  );
  if (!hasAuthor && !hasFeedAuthor) say(look, 'MissingElement', 'author');
  const alternate = named(entry, 'link', NS.atom).some(
    (link) => (attribute(link, 'rel') ?? 'alternate') === 'alternate',
  );
  if (content === undefined && !alternate) say(look, 'MissingAlternate', 'link');
  if (source !== undefined) {
    const inSource = { ...look, where: `${look.where}, source` };
    checkAtomCommon(inSource, source, ['id', 'title', 'updated']);
  }
}

function checkAtom(complaints: Complaint[], root: XmlElement): void {
  const look = { complaints, where: 'feed' };
  checkAtomCommon(look, root, ['id', 'title', 'updated']);
  if (!named(root, 'link', NS.atom).some((link) => attribute(link, 'rel') === 'self')) {
    say(look, 'MissingSelf', 'link rel="self"');
  }
  const hasAuthor = named(root, 'author', NS.atom).length > 0;
  const entries = named(root, 'entry', NS.atom);
  for (const [n, entry] of entries.entries()) {
    checkAtomEntry({ complaints, where: `entry ${n + 1}` }, entry, hasAuthor);
  }
  checkUnique(
    look,
    'DuplicateEntries',
    entries.map((entry) => textOf(named(entry, 'id', NS.atom)[0])),
  );
  for (const stone of named(root, 'deleted-entry', NS.at)) {
    checkIri(look, 'deleted-entry ref', attribute(stone, 'ref'));
    check3339(look, 'deleted-entry when', attribute(stone, 'when') ?? '');
  }
}

/** What the W3C feed validator would say of an RSS 2.0 or Atom document; nothing of a good one. */
export function complaintsOf(xml: string): Complaint[] {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromString(xml);
  } catch (error) {
    return [`SAXError: ${error instanceof Error ? error.message : error}`];
  }
  try {
    const complaints: Complaint[] = [];
    const { root } = document;
    if (root.name === 'rss') checkRss(complaints, root);
    else if (root.name === 'feed' && root.namespaceUri === NS.atom) checkAtom(complaints, root);
    else complaints.push(`UndefinedElement: document, ${root.name}`);
    return complaints;
  } finally {
    document.dispose();
  }
}
