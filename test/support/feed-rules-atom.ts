import type { XmlElement } from 'libxml2-wasm';
import { checkHtml } from './feed-rules-html.ts';
import {
  attribute,
  type Complaint,
  check3339,
  checkArchive,
  checkAttributes,
  checkElements,
  checkExtras,
  checkIri,
  checkLanguage,
  checkUnique,
  childrenOf,
  type Kind,
  type Look,
  MIME,
  NS,
  named,
  say,
  textOf,
} from './feed-rules-shared.ts';

// Atom 1.0 as the W3C feed validator has it (feed-rules.ts).

const kind = (children: string): Kind => ({
  namespace: NS.atom,
  children: children.split(' '),
  many: ['author', 'category', 'contributor', 'entry', 'link'],
});
const ENTRY = kind(
  'author category content contributor id link published rights source summary title updated',
);
const FEED = kind(
  'author category contributor entry generator icon id link logo rights subtitle title updated',
);
const SOURCE = kind(FEED.children.filter((name) => name !== 'entry').join(' '));
/** Relations of feeds that are one of several documents (RFC 5005). */
const HISTORY = /^(current|(prev|next)-archive|first|last|previous|next)$/u;
/** RFC 4151, section 2.1; RFC 8141, section 2. */
const TAG = /^tag:([\w.-]+|[^\s@]+@[\w.-]+),\d{4}(-\d\d(-\d\d)?)?:/u;
const URN = /^urn:[a-z\d][a-z\d-]{0,30}[a-z\d]:[^\s]+$/iu;

function checkAtomText(look: Look, element: XmlElement): void {
  const type = attribute(element, 'type') ?? 'text';
  // Content may be of any media type (RFC 4287, section 4.1.3.1).
  const isMedia = element.name === 'content' && MIME.test(type);
  if (!['text', 'html', 'xhtml'].includes(type) && !isMedia) say(look, 'InvalidTextType', type);
  if (type === 'html') checkHtml(look, textOf(element));
  const children = [...childrenOf(element)];
  if (type === 'text' && children.length > 0) {
    say(look, 'UndefinedElement', `elements in ${element.name}`);
  }
  if (type !== 'xhtml') return;
  const [div, ...others] = children;
  if (div?.name !== 'div' || div.namespaceUri !== NS.xhtml || others.length > 0) {
    say(look, 'MissingXhtmlDiv', element.name);
  } else checkHtml(look, div.toString());
}

/** An id is an IRI, and one of a known scheme is written as that wants it. */
function checkAtomId(look: Look, id: string): void {
  if (id !== id.trim()) say(look, 'UnexpectedWhitespace', 'id');
  else if (id.startsWith('tag:') && !TAG.test(id)) say(look, 'InvalidTAG', id);
  else if (id.startsWith('urn:') && !URN.test(id)) say(look, 'InvalidURN', id);
  else checkIri(look, 'id', id);
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
    const known = ['href', 'rel', 'type', 'hreflang', 'title', 'length'];
    checkAttributes(look, link, known);
    const language = attribute(link, 'hreflang');
    if (language !== undefined) checkLanguage(look, 'hreflang', language);
    if (textOf(link).trim() !== '') say(look, 'AtomLinkNotEmpty', textOf(link).trim());
    const rel = attribute(link, 'rel');
    if (element.name === 'entry' && HISTORY.test(rel ?? '')) {
      say(look, 'FeedHistoryRelInEntry', `rel ${rel}`);
    }
    if (rel !== undefined && !/^[a-z][a-z\d.-]*$|:/iu.test(rel))
      say(look, 'UnregisteredAtomLinkRel', rel);
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
  const kinds: Record<string, Kind> = { entry: ENTRY, source: SOURCE };
  checkElements(look, element, kinds[element.name] ?? FEED);
  for (const name of required) {
    const child = named(element, name, NS.atom)[0];
    if (child === undefined) say(look, 'MissingElement', name);
    else if (textOf(child).trim() === '') say(look, 'NotBlank', name);
  }
  for (const id of named(element, 'id', NS.atom)) {
    checkAtomId(look, textOf(id));
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
  checkExtras(look, entry);
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

export function checkAtom(complaints: Complaint[], root: XmlElement): void {
  const look = { complaints, where: 'feed' };
  checkAtomCommon(look, root, ['id', 'title', 'updated']);
  if (!named(root, 'link', NS.atom).some((link) => attribute(link, 'rel') === 'self')) {
    say(look, 'MissingSelf', 'link rel="self"');
  }
  checkArchive(look, root);
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
