// Names in feeds, whatever prefix or case they were written with.

const ATOM = 'atom';
const XHTML = 'xhtml';
const RSS = '';

/** Namespace addresses (folded: lower case, no scheme, no trailing / or #) and the prefix we use. */
const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['www.w3.org/2005/atom', ATOM],
  ['purl.org/atom/ns', ATOM],
  ['example.com/newformat', ATOM],
  ['www.w3.org/1999/xhtml', XHTML],
  ['www.w3.org/1999/02/22-rdf-syntax-ns', 'rdf'],
  ['purl.org/rss/1.0', RSS],
  ['purl.org/net/rss1.1', RSS],
  ['my.netscape.com/rdf/simple/0.9', RSS],
  ['channel.netscape.com/rdf/simple/0.9', RSS],
  ['backend.userland.com/rss2', RSS],
  ['blogs.law.harvard.edu/tech/rss', RSS],
  ['cyber.law.harvard.edu/rss', RSS],
  ['backend.userland.com/rss', RSS],
  ['purl.org/dc/elements/1.1', 'dc'],
  ['purl.org/dc/elements/1.0', 'dc'],
  ['purl.org/dc/terms', 'dcterms'],
  ['purl.org/rss/1.0/modules/content', 'content'],
  ['purl.org/rss/1.0/modules/syndication', 'sy'],
  ['search.yahoo.com/mrss', 'media'],
  ['video.search.yahoo.com/mrss', 'media'],
  ['www.rssboard.org/media-rss', 'media'],
  ['www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['example.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['rssnamespace.org/feedburner/ext/1.0', 'feedburner'],
  ['backend.userland.com/creativecommonsrssmodule', 'creativecommons'],
  ['cyber.law.harvard.edu/rss/creativecommonsrssmodule.html', 'creativecommons'],
  ['web.resource.org/cc', 'cc'],
  ['creativecommons.org/ns', 'cc'],
  ['purl.org/atompub/tombstones/1.0', 'at'],
  ['www.w3.org/xml/1998/namespace', 'xml'],
]);

/** Prefixes that mean the same everywhere, for feeds that forget to declare them. */
const USUAL_PREFIXES = new Set([
  'atom',
  'rdf',
  'dc',
  'dcterms',
  'content',
  'media',
  'itunes',
  'feedburner',
  'creativecommons',
  'cc',
  'at',
  'xhtml',
  'xml',
  'sy',
]);

const OTHER = 'other';

/** Our prefix for a namespace address; 'other' for one that we do not read. */
export function prefixOf(namespace: string): string {
  const folded = namespace
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//u, '')
    .replace(/[/#]+$/u, '');
  const known = PREFIXES.get(folded);
  if (known !== undefined) return known;
  // RSS 0.9x and 2.0 have no namespace; some feeds make one up.
  if (/userland\.com|rss-?2/u.test(folded)) return RSS;
  return OTHER;
}

/** Our prefix for a written one that was never declared. */
export function undeclaredPrefixOf(prefix: string): string {
  const folded = prefix.toLowerCase();
  if (folded === '') return RSS;
  return USUAL_PREFIXES.has(folded) ? folded : OTHER;
}

/** What an element of a channel or item is for us. */
export interface ElementRule {
  /** Its name in the repaired document. */
  as: string;
  /** leaf: text; body: text with markup; group: only its children; transparent: leaf and group. */
  kind: 'leaf' | 'body' | 'person' | 'transparent';
}

const leaf = (as: string): ElementRule => ({ as, kind: 'leaf' });
const body = (as: string): ElementRule => ({ as, kind: 'body' });
const person = (as: string): ElementRule => ({ as, kind: 'person' });
const transparent = (as: string): ElementRule => ({ as, kind: 'transparent' });

// rss-parser runs quadratic expressions on description, content, content:encoded and summary, and
// throws on Atom dates that it cannot read and on links without attributes. Under other names
// (x-…) it hands them over untouched.
const COMMON: Record<string, ElementRule> = {
  title: body('x-title'),
  link: leaf('x-link'),
  'atom:link': leaf('x-atom-link'),
  author: person('x-author'),
  'atom:author': person('x-author'),
  'dc:creator': leaf('dc:creator'),
  'dc:author': leaf('dc:creator'),
  'itunes:author': leaf('itunes:author'),
  pubdate: leaf('x-pubdate'),
  'dc:date': leaf('x-dc-date'),
  'dcterms:created': leaf('x-created'),
  'dcterms:issued': leaf('x-issued'),
  'dcterms:modified': leaf('x-modified'),
  'atom:published': leaf('x-published'),
  'atom:updated': leaf('x-updated'),
  'atom:issued': leaf('x-issued'),
  'atom:modified': leaf('x-modified'),
  'atom:created': leaf('x-created'),
  category: leaf('x-category'),
  'atom:category': leaf('x-category'),
  'dc:subject': leaf('dc:subject'),
  'dc:language': leaf('dc:language'),
  language: leaf('language'),
  description: body('x-description'),
  'dc:description': body('x-dc-description'),
  'dc:title': body('dc:title'),
  'media:group': transparent('media:group'),
  'media:keywords': leaf('media:keywords'),
  'media:category': leaf('media:category'),
  'itunes:keywords': leaf('itunes:keywords'),
  'itunes:category': transparent('x-itunes-category'),
  'creativecommons:license': leaf('x-licence'),
  'cc:license': leaf('x-licence'),
  'dcterms:license': leaf('x-licence'),
  'dc:rights': body('x-rights'),
  'dcterms:rights': body('x-rights'),
  'atom:rights': body('x-rights'),
  rights: body('x-rights'),
  copyright: body('x-rights'),
  'media:copyright': body('x-rights'),
  'itunes:image': leaf('x-itunes-image'),
};

const ITEM: Record<string, ElementRule> = {
  ...COMMON,
  guid: leaf('guid'),
  'atom:id': leaf('x-id'),
  id: leaf('x-id'),
  'dc:identifier': leaf('x-dc-identifier'),
  'atom:title': body('x-atom-title'),
  'media:title': body('x-media-title'),
  'itunes:title': body('x-itunes-title'),
  'atom:summary': body('x-summary'),
  summary: body('x-summary'),
  issued: leaf('x-issued'),
  modified: leaf('x-modified'),
  created: leaf('x-created'),
  'atom:content': body('x-content'),
  content: body('x-content'),
  'content:encoded': body('x-encoded'),
  encoded: body('x-encoded'),
  fullitem: body('x-encoded'),
  'xhtml:body': body('x-xhtml-body'),
  'xhtml:div': body('x-xhtml-body'),
  body: body('x-xhtml-body'),
  abstract: body('x-description'),
  tags: leaf('x-tags'),
  'media:description': body('x-media-description'),
  'itunes:summary': body('x-itunes-summary'),
  'itunes:subtitle': leaf('x-itunes-subtitle'),
  enclosure: leaf('x-enclosure'),
  'media:content': transparent('x-media-content'),
  'media:thumbnail': leaf('x-media-thumbnail'),
  'feedburner:origlink': leaf('x-original-link'),
  comments: leaf('comments'),
  date: leaf('x-dc-date'),
  published: leaf('x-published'),
  updated: leaf('x-updated'),
};

const CHANNEL: Record<string, ElementRule> = {
  ...COMMON,
  'atom:title': body('x-atom-title'),
  'atom:subtitle': body('x-description'),
  'atom:tagline': body('x-description'),
  'atom:info': body('x-info'),
  'itunes:summary': body('x-itunes-summary'),
  'itunes:subtitle': body('x-itunes-subtitle'),
  lastbuilddate: leaf('x-last-build-date'),
  'atom:id': leaf('x-id'),
  id: leaf('x-id'),
  subtitle: body('x-description'),
  tagline: body('x-description'),
  updated: leaf('x-updated'),
  modified: leaf('x-modified'),
  published: leaf('x-published'),
  abstract: body('x-description'),
  ttl: leaf('ttl'),
  'sy:updateperiod': leaf('x-update-period'),
  'sy:updatefrequency': leaf('x-update-frequency'),
  skiphours: transparent('x-skip-hours'),
  hour: leaf('x-skip-hour'),
  skipdays: transparent('x-skip-days'),
  day: leaf('x-skip-day'),
  'at:deleted-entry': leaf('x-deleted'),
};

const PERSON: Record<string, ElementRule> = {
  name: leaf('name'),
  'atom:name': leaf('name'),
  email: leaf('email'),
  'atom:email': leaf('email'),
  uri: leaf('uri'),
  'atom:uri': leaf('uri'),
  url: leaf('uri'),
  'atom:url': leaf('uri'),
  homepage: leaf('uri'),
  'atom:homepage': leaf('uri'),
};

const RULES = {
  channel: new Map(Object.entries(CHANNEL)),
  item: new Map(Object.entries(ITEM)),
  person: new Map(Object.entries(PERSON)),
};

export type Place = keyof typeof RULES;

/** The rule for a canonical name (`dc:creator`, `pubdate`) in a place; undefined: not read. */
export function ruleFor(place: Place, name: string): ElementRule | undefined {
  return RULES[place].get(name);
}

/** Attributes that we read, by folded name without prefix; all others are left out. */
export const READ_ATTRIBUTES: ReadonlySet<string> = new Set([
  'href',
  'rel',
  'type',
  'mode',
  'hreflang',
  'title',
  'length',
  'filesize',
  'url',
  'src',
  'ispermalink',
  'domain',
  'term',
  'label',
  'scheme',
  'about',
  'resource',
  'medium',
  'width',
  'text',
  'ref',
]);
