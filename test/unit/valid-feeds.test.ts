import fs from 'node:fs';
import fc from 'fast-check';
import { parseAtomFeed, parseRssFeed } from 'feedsmith';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { expect, test } from 'vitest';
import { readBytes } from '../../lib/ingest/read-bytes.ts';
import { sanitiseHtml } from '../../lib/ingest/sanitise.ts';
import type { PostView } from '../../lib/model/post.ts';
import { renderAtom } from '../../lib/syndicate/atom.ts';
import { renderJsonFeed } from '../../lib/syndicate/json-feed.ts';
import type { OutgoingFeed } from '../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../lib/syndicate/rss.ts';
import { draftsAsPosts } from '../support/drafts-as-posts.ts';
import { complaintsOf } from '../support/feed-rules.ts';
import { jsonFeed } from '../support/json-feed-schema.ts';
import { shownPost as post } from '../support/shown-post.ts';

// What libxml2 finds well formed, and valid by the grammar of RFC 4287, appendix B; what the rules of
// the W3C feed validator have nothing against (test/support/feed-rules.ts); and JSON Feed 1.1.

const SITE = 'https://planet.example';
const grammar = XmlDocument.fromBuffer(
  fs.readFileSync(new URL('../fixtures/atom.rng', import.meta.url)),
);
const atom = RelaxNGValidator.fromDoc(grammar);

const feed = (posts: PostView[], changes: Partial<OutgoingFeed> = {}): OutgoingFeed => ({
  title: 'NUMA',
  description: 'Posts about NUMA',
  pageUrl: `${SITE}/tag/numa`,
  selfUrl: `${SITE}/tag/numa/feed.xml`,
  siteUrl: SITE,
  posts,
  ...changes,
});

/** @throws with the words of whoever finds that it is not well formed, or not valid. */
function check(given: OutgoingFeed): void {
  const texts = [renderAtom(given), renderRss(given)];
  expect(texts.flatMap((xml) => complaintsOf(xml))).toEqual([]);
  jsonFeed.parse(JSON.parse(renderJsonFeed(given)));
  const documents = texts.map((xml) => XmlDocument.fromString(xml));
  try {
    if (documents[0]) atom.validate(documents[0]);
  } finally {
    for (const document of documents) document.dispose();
  }
}

test('feeds, archives and tombstones are valid', () => {
  const tombstones = [{ id: 8, withdrawnAt: '2018-06-05T09:00:00.000Z' }];
  for (const changes of [{}, { tombstones }, { currentUrl: `${SITE}/feed.atom`, tombstones }]) {
    check(feed([post()], changes));
    if (changes.tombstones !== undefined) check(feed([], changes));
  }
});

test('a list that never had a post is a feed, whose date nobody takes for one', () => {
  const empty = feed([]);
  expect(JSON.parse(renderJsonFeed(empty)).items).toEqual([]);
  expect(complaintsOf(renderRss(empty))).toEqual([]);
  // RFC 4287, section 4.1.1, wants one all the same.
  expect(complaintsOf(renderAtom(empty))).toEqual([
    'ImplausibleDate: feed, updated 1970-01-01T00:00:00.000Z',
  ]);
});

const FOLDER = new URL('../fixtures/feeds/', import.meta.url);
const FIXTURES = fs.readdirSync(FOLDER).filter((file) => !file.endsWith('.expected.json'));

test.each(FIXTURES)('what %s brings goes on in valid feeds', async (file) => {
  const url = 'https://kernel.example/feeds/all.xml';
  const read = await readBytes(fs.readFileSync(new URL(file, FOLDER)), { url, now: new Date() });
  if (read.kind !== 'read') throw new Error(read.message);
  const source = { slug: 'kernel', title: 'Kernel', siteUrl: null, feedUrl: url };
  const posts = draftsAsPosts(read.drafts, source);
  expect(posts).not.toEqual([]);
  for (const display of ['full', 'excerpt', 'link'] as const) {
    check(feed(posts.map((one) => ({ ...one, display }))));
  }
});

test('what a wrong encoding made of quotation marks is in no feed', () => {
  const given = feed([post({ title: 'a\u0093b\ufdd0', bodyHtml: '<p>a\u0093b</p>' })]);
  check(given);
  expect(parseRssFeed(renderRss(given)).items?.[0]?.title).toBe('ab');
});

test('whatever posts contain, feeds are well formed and valid', () => {
  const unit = fc.integer({ min: 0, max: 0xffff });
  const odd = fc.oneof(
    fc.array(unit, { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('', ']]>', '<![CDATA[', '&#0;', '\u{1f642}', '\ud83d', '</feed>', ' \n '),
  );
  fc.assert(
    fc.property(odd, odd, odd, (title, body, name) => {
      const given = post({
        title,
        bodyHtml: sanitiseHtml(body, SITE),
        summaryText: body,
        url: `https://kernel.example/${name}`,
        authors: [{ name, slug: 'a' }],
        tags: [{ slug: 'odd', name }],
        language: name,
        enclosures: [title, name].map((path) => ({
          url: `https://kernel.example/${path}`,
          type: name,
        })),
        pictureUrl: `https://kernel.example/${title}`,
        commentsUrl: `https://kernel.example/${title}`,
        licence: { url: `https://kernel.example/${name}`, text: title },
        source: {
          slug: 'kernel',
          title: name,
          siteUrl: null,
          feedUrl: `https://k.example/?${name}&b`,
        },
      });
      check(feed([given]));
      expect(JSON.parse(renderJsonFeed(feed([given]))).items).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});

test('ids and addresses stand without space around them (RFC 4287, section 4.2.6)', () => {
  const source = {
    slug: 'k',
    title: 'A & B',
    siteUrl: null,
    feedUrl: 'https://k.example/?a=1&b=2',
  };
  const xml = renderAtom(feed([post({ source, title: 'A & B' })])) + renderRss(feed([post()]));
  expect(xml).not.toMatch(/\s<!\[CDATA\[/u);
});

test('a title of a megabyte goes through', () => {
  const title = '& <b>long</b> ]]> '.repeat(60_000).trim();
  check(feed([post({ title })]));
  expect(parseAtomFeed(renderAtom(feed([post({ title })]))).entries?.[0]?.title?.value).toBe(title);
  expect(parseRssFeed(renderRss(feed([post({ title })]))).items?.[0]?.title).toBe(title);
});
