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
  checkPlausible,
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

// RSS 2.0 as the W3C feed validator has it (feed-rules.ts).

const kind = (children: string, many: string[]): Kind => ({
  namespace: '',
  children: children.split(' '),
  many,
});
const CHANNEL = kind(
  'title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs cloud ttl image rating textInput skipHours skipDays item',
  ['category', 'item'],
);
const ITEM = kind('title link description author category comments enclosure guid pubDate source', [
  'category',
  'enclosure',
]);
/** Two elements that say the same of an item, one of RSS and one of Dublin Core. */
const SAME = [
  ['pubDate', 'date'],
  ['author', 'creator'],
] as const;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const RFC822 =
  /^(?:(Sun|Mon|Tue|Wed|Thu|Fri|Sat), )?(\d{2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) ([01]\d|2[0-3]):[0-5]\d:[0-5]\d (GMT|UT|[+-]\d{4})$/u;

function check822(look: Look, what: string, value: string): void {
  const match = RFC822.exec(value);
  if (match === null || Number.isNaN(Date.parse(value))) {
    say(look, 'InvalidRFC2822Date', `${what} ${JSON.stringify(value)}`);
    return;
  }
  const [, day, date, month, year] = match;
  const right = DAYS[new Date(`${date} ${month} ${year} 00:00:00 GMT`).getUTCDay()];
  if (day !== undefined && day !== right) say(look, 'IncorrectDOW', `${what} ${value}`);
  checkPlausible(look, what, value);
}

function checkGuid(look: Look, guid: XmlElement | undefined): void {
  if (guid === undefined) {
    say(look, 'MissingGuid', 'guid');
    return;
  }
  const value = textOf(guid);
  checkAttributes(look, guid, ['isPermaLink']);
  const isPermaLink = attribute(guid, 'isPermaLink') ?? 'true';
  if (!['true', 'false'].includes(isPermaLink)) {
    say(look, 'InvalidBooleanAttribute', `isPermaLink ${isPermaLink}`);
  }
  if (value.trim() === '') say(look, 'NotBlank', 'guid');
  else if (value !== value.trim()) say(look, 'UnexpectedWhitespace', 'guid');
  else if (isPermaLink === 'true' && !/^https?:/iu.test(value)) {
    say(look, 'InvalidHttpGUID', value);
  } else if (/^\d{1,4}$/u.test(value)) say(look, 'NotSufficientlyUnique', value);
}

function checkEnclosures(look: Look, enclosures: XmlElement[]): void {
  if (enclosures.length > 1) say(look, 'DuplicateEnclosure', 'enclosure');
  for (const enclosure of enclosures) {
    checkAttributes(look, enclosure, ['url', 'length', 'type']);
    checkIri(look, 'enclosure url', attribute(enclosure, 'url'));
    if (!/^\d+$/u.test(attribute(enclosure, 'length') ?? '')) {
      say(look, 'InvalidIntegerAttribute', `enclosure length ${attribute(enclosure, 'length')}`);
    }
    if (!MIME.test(attribute(enclosure, 'type') ?? '')) {
      say(look, 'InvalidMIMEType', `enclosure type ${attribute(enclosure, 'type')}`);
    }
  }
}

function checkRssItem(look: Look, item: XmlElement): void {
  checkElements(look, item, ITEM);
  checkExtras(look, item);
  const one = (name: string) => named(item, name)[0];
  if (!textOf(one('title')).trim() && !textOf(one('description')).trim()) {
    say(look, 'ItemMustContainTitleOrDescription', 'neither');
  }
  checkGuid(look, one('guid'));
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
  checkEnclosures(look, named(item, 'enclosure'));
  for (const [ours, theirs] of SAME) {
    if (one(ours) !== undefined && named(item, theirs, NS.dc).length > 0) {
      say(look, 'DuplicateItemSemantics', `${ours} and dc:${theirs}`);
    }
  }
  const order = [...childrenOf(item)].map(({ name }) => name);
  if (order.includes('encoded') && order.indexOf('description') > order.indexOf('encoded')) {
    say(look, 'NeedDescriptionBeforeContent', 'content:encoded');
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

export function checkRss(complaints: Complaint[], root: XmlElement): void {
  const look = { complaints, where: 'channel' };
  if (attribute(root, 'version') !== '2.0') say(look, 'MissingAttribute', 'rss version');
  const channel = named(root, 'channel')[0];
  if (channel === undefined) {
    say(look, 'MissingElement', 'channel');
    return;
  }
  checkElements(look, channel, CHANNEL);
  checkArchive(look, channel);
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
    say(look, 'MissingAtomSelfLink', 'atom:link rel="self"');
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
