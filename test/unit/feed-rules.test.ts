import { describe, expect, test } from 'vitest';
import { complaintsOf } from '../support/feed-rules.ts';
import { jsonFeed } from '../support/json-feed-schema.ts';

// The rules that our feeds are held to, held to themselves.

const RSS = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>T</title><link>https://a.example/</link><description>D</description><ttl>15</ttl>
<language>en</language><lastBuildDate>Sun, 03 Jun 2018 18:20:00 GMT</lastBuildDate>
<atom:link href="https://a.example/f" rel="self" type="application/rss+xml"/>
<item><title>One</title><link>https://a.example/1</link><guid isPermaLink="false">x:1</guid>
<pubDate>Sun, 03 Jun 2018 18:20:00 GMT</pubDate><source url="https://b.example/f">B</source>
<enclosure url="https://b.example/a" length="1" type="audio/mpeg"/>
<description>&lt;p>Hi &lt;a href="https://c.example/">c&lt;/a>&lt;/p></description></item>
</channel></rss>`;
const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>https://a.example/</id>
<title type="text">T</title><updated>2018-06-03T18:20:00Z</updated>
<link rel="self" href="https://a.example/f" type="application/atom+xml"/>
<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="x:9" when="2018-06-03T18:20:00Z"/>
<entry><id>x:1</id><title>One</title><updated>2018-06-03T18:20:00Z</updated>
<author><name>Ada</name></author><link rel="alternate" href="https://a.example/1" type="text/html"/>
<category term="t" label="T"/><content type="html">&lt;p>Hi&lt;/p></content>
<source><id>x:s</id><title>S</title><updated>2018-06-03T18:20:00Z</updated></source></entry></feed>`;

const namesOf = (xml: string) => complaintsOf(xml).map((complaint) => complaint.split(':')[0]);

test('a good feed has no fault', () => {
  expect(complaintsOf(RSS)).toEqual([]);
  expect(complaintsOf(ATOM)).toEqual([]);
});

test('a document is where it says that it is', () => {
  for (const xml of [RSS, ATOM]) {
    expect(complaintsOf(xml, 'https://a.example/f')).toEqual([]);
    expect(complaintsOf(xml, 'https://a.example/g')).toEqual([
      'SelfDoesntMatchLocation: feed, https://a.example/f at https://a.example/g',
    ]);
  }
});

describe('of RSS', () => {
  test.each([
    ['</channel>', '', 'SAXError'],
    ['version="2.0"', 'version="0.9"', 'MissingAttribute'],
    ['<description>D</description>', '', 'MissingElement'],
    ['<title>T</title>', '<title> </title>', 'NotBlank'],
    ['<title>T</title>', '<title>T</title><title>U</title>', 'DuplicateElement'],
    ['<ttl>15</ttl>', '<ttl>soon</ttl>', 'InvalidTTL'],
    ['<ttl>15</ttl>', '<updated>now</updated>', 'UndefinedElement'],
    ['<language>en<', '<language>English (US)<', 'InvalidLanguage'],
    ['rel="self"', 'rel="other"', 'MissingAtomSelfLink'],
    ['Sun, 03 Jun 2018 18:20:00 GMT</pub', 'Mon, 03 Jun 2018 18:20:00 GMT</pub', 'IncorrectDOW'],
    ['Sun, 03 Jun 2018 18:20:00 GMT</pub', '2018-06-03</pub', 'InvalidRFC2822Date'],
    ['Sun, 03 Jun 2018 18:20:00 GMT</last', 'Sun, 3 June 2018</last', 'InvalidRFC2822Date'],
    ['>https://a.example/1<', '>/1<', 'InvalidFullLink'],
    ['>https://a.example/1<', '>https://a.example/a b<', 'InvalidFullLink'],
    ['>https://a.example/1<', '>https://a.example:x/<', 'InvalidURI'],
    ['<guid isPermaLink="false">x:1</guid>', '', 'MissingGuid'],
    ['isPermaLink="false">x:1', '>x:1', 'InvalidHttpGUID'],
    ['isPermaLink="false"', 'isPermaLink="no"', 'InvalidBooleanAttribute'],
    ['isPermaLink="false"', 'permalink="false"', 'UnexpectedAttribute'],
    ['>x:1<', '>12<', 'NotSufficientlyUnique'],
    ['>x:1<', '> x:1 <', 'UnexpectedWhitespace'],
    ['<title>One</title>', '<title>One</title><author>Ada</author>', 'InvalidContact'],
    ['<source', '<media:thumbnail url="p q.png"/><source', 'InvalidFullLink'],
    ['<source', '<media:content url="x:y" fileSize="big"/><source', 'InvalidIntegerAttribute'],
    ['<source', '<media:content url="x:y" type="big"/><source', 'InvalidMIMEType'],
    [
      '<source',
      '<cc:license xmlns:cc="http://backend.userland.com/creativeCommonsRssModule">BY</cc:license><source',
      'InvalidFullLink',
    ],
    ['length="1"', 'length="one"', 'InvalidIntegerAttribute'],
    ['type="audio/mpeg"', 'type="audio"', 'InvalidMIMEType'],
    ['length="1"', 'length="1" size="1"', 'UnexpectedAttribute'],
    [
      '<enclosure ',
      '<enclosure url="x:y" length="0" type="a/b"/><enclosure ',
      'DuplicateEnclosure',
    ],
    ['url="https://b.example/f">B', 'url="f">B', 'InvalidFullLink'],
    ['<ttl>15</ttl>', '<link>https://a.example/</link>', 'DuplicateElement'],
    ['<ttl>15</ttl>', 'Welcome!', 'UnexpectedText'],
    ['<ttl>15</ttl>', '<title>T</title>', 'DuplicateElement'],
    ['>T</title>', '>T\u0093</title>', 'BadCharacters'],
    ['Sun, 03 Jun 2018 18:20:00 GMT</pub', 'Thu, 01 Jan 1970 00:00:00 GMT</pub', 'ImplausibleDate'],
    [
      'Sun, 03 Jun 2018 18:20:00 GMT</last',
      'Tue, 01 Jan 2999 00:00:00 GMT</last',
      'ImplausibleDate',
    ],
    ['<source', '<dc:date>2018-06-03T18:20:00Z</dc:date><source', 'DuplicateItemSemantics'],
    [
      '<description>&lt;',
      '<content:encoded>x</content:encoded><description>&lt;',
      'NeedDescriptionBeforeContent',
    ],
    [
      '<ttl>15</ttl>',
      '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>',
      'MissingCurrentInArchive',
    ],
    ['&lt;p>Hi', '&lt;p id=a id=b>Hi', 'NotHtml'],
    ['&lt;p>Hi', '&lt;p style="top:0">Hi', 'SecurityRiskAttr'],
    ['href="https://c.example/"', 'href="c"', 'ContainsRelRef'],
    ['href="https://c.example/"', 'href="javascript:x"', 'SecurityRiskAttr'],
    ['href="https://c.example/"', 'onclick="x"', 'SecurityRiskAttr'],
    ['&lt;p>Hi', '&lt;script>x&lt;/script>', 'SecurityRisk'],
    [
      '<item>',
      '<item><title>Two</title><guid isPermaLink="false">x:1</guid></item><item>',
      'DuplicateValue',
    ],
    [
      '<title>One</title>',
      '<dc:language>no such language</dc:language><title>One</title>',
      'InvalidLanguage',
    ],
    [
      '<title>One</title>',
      '<atom:updated>now</atom:updated><title>One</title>',
      'InvalidRFC3339Date',
    ],
  ])('%s as %s is %s', (good, bad, name) => {
    expect(RSS).toContain(good);
    expect(namesOf(RSS.replace(good, bad))).toContain(name);
  });

  test('an item needs a title or a description', () => {
    const bare = RSS.replace('<title>One</title>', '').replace(
      /<description>&lt;.*<\/item>/su,
      '</item>',
    );
    expect(namesOf(bare)).toEqual(['ItemMustContainTitleOrDescription']);
  });
});

describe('of Atom', () => {
  test.each([
    ['<title type="text">T</title>', '', 'MissingElement'],
    ['<id>x:1</id>', '<id>one</id>', 'InvalidFullLink'],
    ['<id>x:1</id>', '<id>tag:a.example:1</id>', 'InvalidTAG'],
    ['<id>x:1</id>', '<id>urn:x</id>', 'InvalidURN'],
    ['<id>x:1</id>', '<id> x:1</id>', 'UnexpectedWhitespace'],
    ['<id>x:1</id>', '<id>x:1</id><id>x:1</id>', 'DuplicateElement'],
    ['<id>x:1</id>', '<id>x:1</id><pubDate/>', 'UndefinedElement'],
    ['rel="self"', 'rel="related"', 'MissingSelf'],
    ['xml:lang="en"', 'xml:lang="x"', 'InvalidLanguage'],
    ['<name>Ada</name>', '<name/>', 'MissingElement'],
    ['<author><name>Ada</name></author>', '', 'MissingElement'],
    ['term="t"', '', 'MissingAttribute'],
    ['<content type="html">', '<content type="htm">', 'InvalidTextType'],
    ['<title type="text">', '<title type="text/plain">', 'InvalidTextType'],
    ['<content type="html">', '<content type="xhtml">', 'MissingXhtmlDiv'],
    [
      '<content type="html">&lt;p>Hi&lt;/p>',
      '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><a href="b">b</a></div>',
      'ContainsRelRef',
    ],
    [
      '<updated>2018-06-03T18:20:00Z</updated>',
      '<updated>2018-06-03</updated>',
      'InvalidRFC3339Date',
    ],
    [
      '<updated>2018-06-03T18:20:00Z</updated>',
      '<updated>1970-01-01T00:00:00Z</updated>',
      'ImplausibleDate',
    ],
    ['<id>x:1</id>', '<id>x:1</id><subtitle>S</subtitle>', 'UndefinedElement'],
    ['<id>x:1</id>', '<id>x:1</id>Text', 'UnexpectedText'],
    [' type="text/html"/>', ' type="text/html" class="u"/>', 'UnexpectedAttribute'],
    [' type="text/html"/>', ' type="text/html" hreflang="e"/>', 'InvalidLanguage'],
    [' type="text/html"/>', ' type="text/html" length="x"/>', 'InvalidIntegerAttribute'],
    [' type="text/html"/>', ' type="text/html">page</link>', 'AtomLinkNotEmpty'],
    ['rel="alternate"', 'rel="next archive"', 'UnregisteredAtomLinkRel'],
    ['rel="alternate"', 'rel="prev-archive"', 'FeedHistoryRelInEntry'],
    [
      '<entry>',
      '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/><entry>',
      'MissingCurrentInArchive',
    ],
    ['&lt;p>Hi', '&lt;img src="a.png">', 'ContainsRelRef'],
    ['type="text/html"', 'type="html"', 'InvalidMIMEType'],
    ['<id>x:s</id>', '', 'MissingElement'],
    ['when="2018-06-03T18:20:00Z"', 'when="2018"', 'InvalidRFC3339Date'],
    ['ref="x:9"', '', 'InvalidFullLink'],
    [
      '<link rel="alternate"',
      '<link rel="alternate" href="https://a.example/2" type="text/html"/><link rel="alternate"',
      'DuplicateAtomLink',
    ],
    ['<entry>', '<entry><id>x:1</id></entry><entry>', 'DuplicateEntries'],
    ['<title>One</title>', '<title><b xmlns="x:x">One</b></title>', 'UndefinedElement'],
    ['xmlns="http://www.w3.org/2005/Atom"', 'xmlns="x:other"', 'UndefinedElement'],
  ])('%s as %s is %s', (good, bad, name) => {
    expect(ATOM).toContain(good);
    expect(namesOf(ATOM.replace(good, bad))).toContain(name);
  });

  test('an entry without content leads to its page', () => {
    const bare = ATOM.replace(/<link rel="alternate"[^>]*>/u, '').replace(
      /<content.*<\/content>/u,
      '',
    );
    expect(namesOf(bare)).toEqual(['MissingAlternate']);
  });
});

describe('of JSON Feed', () => {
  const ITEM = {
    id: 'x:1',
    url: 'https://a.example/1',
    content_html: '<p>Hi</p>',
    date_published: '2018-06-03T18:20:00Z',
    authors: [{ name: 'Ada' }],
    tags: ['T'],
    language: 'en',
    attachments: [{ url: 'https://b.example/a', mime_type: 'audio/mpeg', size_in_bytes: 1 }],
  };
  const FEED = {
    version: 'https://jsonfeed.org/version/1.1',
    title: 'T',
    home_page_url: 'https://a.example/',
    feed_url: 'https://a.example/f',
    next_url: 'https://a.example/g',
    hubs: [{ type: 'WebSub', url: 'https://hub.example/' }],
  };
  /** Where the first fault is, or undefined. */
  const faultOf = (feed: object, ...items: object[]) => {
    const result = jsonFeed.safeParse({ ...FEED, items, ...feed });
    return result.success ? undefined : result.error.issues[0]?.path.join('.');
  };

  test('a good one has no fault', () => {
    expect(faultOf({}, ITEM, { ...ITEM, id: 'x:2' })).toBeUndefined();
  });

  test.each([
    [{ version: 'https://jsonfeed.org/version/1' }, 'version'],
    [{ title: '' }, 'title'],
    [{ title: undefined }, 'title'],
    [{ items: undefined }, 'items'],
    [{ feed_url: '/f' }, 'feed_url'],
    [{ next_url: FEED.feed_url }, ''],
    [{ hubs: [{ url: 'https://hub.example/' }] }, 'hubs.0.type'],
    [{ author: { name: 'Ada' } }, ''],
    [{ language: 'English (US)' }, 'language'],
  ])('%o is a fault', (feed, where) => {
    expect(faultOf(feed, ITEM)).toBe(where);
  });

  test.each([
    [{ id: '' }, 'items.0.id'],
    [{ id: 1 }, 'items.0.id'],
    [{ url: 'one' }, 'items.0.url'],
    [{ content_html: undefined }, 'items.0'],
    [{ date_published: 'Sun, 03 Jun 2018 18:20:00 GMT' }, 'items.0.date_published'],
    [{ date_modified: '2018-06-03' }, 'items.0.date_modified'],
    [{ authors: [{}] }, 'items.0.authors.0'],
    [{ authors: ['Ada'] }, 'items.0.authors.0'],
    [{ tags: [' '] }, 'items.0.tags.0'],
    [{ attachments: [{ url: 'https://b.example/a' }] }, 'items.0.attachments.0.mime_type'],
    [
      { attachments: [{ ...ITEM.attachments[0], size_in_bytes: '1' }] },
      'items.0.attachments.0.size_in_bytes',
    ],
    [{ pubDate: 'now' }, 'items.0'],
  ])('in an item, %o is a fault', (item, where) => {
    expect(faultOf({}, { ...ITEM, ...item })).toBe(where);
  });

  test('two items of one id are a fault', () => {
    expect(faultOf({}, ITEM, ITEM)).toBe('');
  });
});
