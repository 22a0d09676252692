import { parseFeed } from '@rowanmanning/feed-parser';
import fc from 'fast-check';
import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { expect, test } from 'vitest';
import { readBytes } from '../../lib/ingest/read-bytes.ts';
import type { PostView } from '../../lib/model/post.ts';
import { tagSlug } from '../../lib/model/tag.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import { htmlText, type OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { shownPost } from '../support/shown-post.ts';

// What we write, read by our own parser and by one that is not ours: the same posts.

const SITE = 'https://planet.example';
const FORMATS = { rss: renderRss, atom: renderAtom, json: renderJsonFeed };

const feed = (posts: PostView[]): OutgoingFeed => ({
  title: 'NUMA',
  description: 'Posts about NUMA',
  pageUrl: `${SITE}/tag/numa`,
  selfUrl: `${SITE}/tag/numa/feed.xml`,
  siteUrl: SITE,
  posts,
});

const oneLine = (text: string) => text.replace(/\s+/gu, ' ').trim();
/** As people write in any language; no word is empty, and none looks like an address. */
const words = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      fc.constantFrom(
        '<b>',
        '&amp;',
        '&',
        'C++',
        '“x”',
        "isn't",
        ']]>',
        'größer',
        '日本',
        '🙂',
        '1 < 2',
      ),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => oneLine(`a ${parts.join(' ')} z`));
const moment = fc
  .integer({ min: Date.UTC(1999, 0), max: Date.UTC(2026, 0) })
  .map((ms) => new Date(Math.floor(ms / 1000) * 1000).toISOString());
const name = fc.constantFrom(
  'Ada Sample',
  'Bo',
  'Ångström, Ö.',
  '山田',
  "O'Neil & Co",
  'x.y',
  'C++',
  '#tag',
);
const address = fc
  .webUrl({ withQueryParameters: true, withFragments: true })
  .map((url) => new URL(url).href);
/** In RSS nobody can tell a title about HTML from one in HTML: both are read as the latter. */
const title = words.map((text) => oneLine(text.replace(/<b>|&amp;/gu, '')));

const posts = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      title,
      url: address,
      text: words,
      display: fc.constantFrom('full' as const, 'excerpt' as const, 'link' as const),
      publishedAt: moment,
      names: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      tagNames: fc.uniqueArray(name, { maxLength: 4, selector: tagSlug }),
      enclosures: fc.array(
        fc.record({
          url: address,
          type: fc.constantFrom('audio/mpeg', 'image/png'),
          length: fc.nat(),
        }),
        { maxLength: 1 },
      ),
    }),
    { minLength: 1, maxLength: 4, selector: ({ id }) => id },
  )
  .map((given) =>
    given.map(({ text, names, tagNames, ...rest }) =>
      shownPost({
        ...rest,
        bodyHtml: `<p>${htmlText(text)}</p>`,
        summaryText: text,
        byline: names.join(', '),
        authors: names.map((each) => ({ name: each, slug: 'x' })),
        tags: tagNames.map((each) => ({ name: each, slug: tagSlug(each) })),
      }),
    ),
  );

/** What is to be read of its text, as its source allows. */
const textOf = (post: PostView) => (post.display === 'link' ? '' : oneLine(post.summaryText));

/** What is to be the same. */
const factsOf = (post: PostView) => ({
  id: `${SITE}/post/${post.id}`,
  title: post.title,
  url: post.url,
  publishedAt: post.publishedAt,
  authors: post.authors.map((author) => author.name),
  tags: post.tags.map((tag) => tag.name),
  enclosures: post.enclosures.map(({ url, type, length }) => ({ url, type, length })),
});

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

test('each format reads back the same through our own parser', async () => {
  await fc.assert(
    fc.asyncProperty(posts, async (given) => {
      for (const [format, render] of Object.entries(FORMATS)) {
        const bytes = new TextEncoder().encode(render(feed(given)));
        const read = await readBytes(bytes, { url: `${SITE}/feed`, now: new Date('2027-01-01') });
        if (read.kind !== 'read') throw new Error(read.message);
        const facts = read.drafts.map((draft) => ({
          id: `https:${draft.guid}`, // our guids know no scheme
          title: draft.title,
          url: draft.url,
          publishedAt: draft.publishedAt?.toISOString(),
          authors: draft.authors.map((author) => author.name),
          tags: draft.categories,
          enclosures: draft.enclosures.map(({ url, type, length }) => ({ url, type, length })),
          text: oneLine(draft.bodyText),
        }));
        const wanted = given.map((post) => ({
          ...factsOf(post),
          // JSON Feed wants some content in every item.
          text: textOf(post) || (format === 'json' ? post.title : ''),
        }));
        expect(facts.sort(byId)).toEqual(wanted.sort(byId));
      }
    }),
    { numRuns: 60 },
  );
});

test('RSS and Atom read back the same through a parser that is not ours', () => {
  fc.assert(
    fc.property(posts, (given) => {
      for (const render of [renderRss, renderAtom]) {
        const { items } = parseFeed(render(feed(given)));
        const facts = items.map((item) => ({
          id: item.id ?? '',
          title: item.title,
          url: item.url,
          publishedAt: item.published?.toISOString(),
          authors: item.authors.map((author) => author.name),
          tags: item.categories.map((category) => category.label),
          enclosures: item.media.map(({ url, mimeType, length }) => ({
            url,
            type: mimeType,
            length,
          })),
        }));
        expect(facts.sort(byId)).toEqual(given.map(factsOf).sort(byId));
      }
    }),
    { numRuns: 100 },
  );
});

test('bodies and excerpts stand in RSS and Atom letter for letter, as far as sources allow', () => {
  // Read as XML: the parser above decodes what is in bodies once more than it should.
  const namespaces = {
    a: 'http://www.w3.org/2005/Atom',
    content: 'http://purl.org/rss/1.0/modules/content/',
  };
  const textsOf = (xml: string, items: string, names: string[]) => {
    const document = XmlDocument.fromString(xml);
    try {
      return document
        .find(items, namespaces)
        .map((item) => names.map((name) => (item as XmlElement).get(name, namespaces)?.content));
    } finally {
      document.dispose();
    }
  };
  fc.assert(
    fc.property(posts, (given) => {
      const wanted = (asHtml: (text: string) => string) =>
        given.map((post) => [
          post.display === 'link' ? undefined : asHtml(post.summaryText),
          post.display === 'full' ? post.bodyHtml : undefined,
        ]);
      const rss = textsOf(renderRss(feed(given)), '//item', ['description', 'content:encoded']);
      expect(rss).toEqual(wanted(htmlText));
      const atom = textsOf(renderAtom(feed(given)), '//a:entry', ['a:summary', 'a:content']);
      expect(atom).toEqual(wanted((text) => text));
    }),
    { numRuns: 100 },
  );
});
