import { between, chance, VOCABULARY_WORDS, word, zipf } from './chance.ts';

const TAGS = 400;
const HTML_CHARACTERS_MIN = 3000;
const HTML_CHARACTERS_MAX = 7600;
const ITEMS_MEAN = 15;
/** Items of a feed differ from the mean by up to this. */
const ITEMS_SPREAD = 5;
const FIRST_ITEM_AT = Date.parse('2026-01-01T00:00:00Z');
const ITEM_EVERY_MS = 9 * 60 * 60_000;
/** Words that make the encoding matter. */
const ACCENTED = ['café', 'Größe', 'año', 'déjà', 'smørrebrød'];
const ACCENTED_SHARE = 0.05;

export interface FeedText {
  bytes: Buffer;
  contentType: string;
  items: number;
}

interface Item {
  number: number;
  title: string;
  html: string;
  summary: string;
  author: string;
  tags: string[];
  date: Date;
}

const escaped = (text: string) =>
  text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');

function writer(seed: number) {
  const random = chance(seed);
  const pickWord = zipf(VOCABULARY_WORDS, random);
  const pickTag = zipf(TAGS, random);
  const oneWord = () => {
    const text = word(pickWord());
    return random() < ACCENTED_SHARE ? (ACCENTED[text.length % ACCENTED.length] ?? text) : text;
  };
  const words = (count: number) => Array.from({ length: count }, oneWord);
  const sentence = () => {
    const text = words(between(random, 6, 22)).join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  };
  const paragraph = () => Array.from({ length: between(random, 2, 6) }, sentence).join(' ');
  return { random, pickTag, words, sentence, paragraph };
}

type Writer = ReturnType<typeof writer>;

/** One block of an article: mostly paragraphs with a link and emphasis, like a blog's. */
function block({ random, words, sentence, paragraph }: Writer, base: string): string {
  const kind = random();
  if (kind < 0.08) return `<h2>${words(5).join(' ')}</h2>\n`;
  if (kind < 0.16) return `<ul>${`<li>${sentence()}</li>`.repeat(4)}</ul>\n`;
  if (kind < 0.24) return `<blockquote><p>${paragraph()}</p></blockquote>\n`;
  if (kind < 0.3) return `<pre><code>${words(20).join('\n')}</code></pre>\n`;
  if (kind < 0.38) {
    const src = `${base}/img/${between(random, 1, 9999)}.jpg`;
    return `<figure><img src="${src}" alt="${words(3).join(' ')}" width="640" height="360"></figure>\n`;
  }
  const link = `<a href="${base}/ref/${between(random, 1, 99_999)}?a=1&amp;b=2">${words(2).join(' ')}</a>`;
  return `<p>${paragraph()} ${link} <strong>${words(1)[0]}</strong> <em>${sentence()}</em></p>\n`;
}

function makeItem(number: number, feed: number, base: string): Item {
  const write = writer(feed * 1009 + number);
  const length = between(write.random, HTML_CHARACTERS_MIN, HTML_CHARACTERS_MAX);
  let html = '';
  while (html.length < length) html += block(write, base);
  const ranks = new Set(Array.from({ length: between(write.random, 2, 6) }, write.pickTag));
  return {
    number,
    title: write.words(between(write.random, 4, 11)).join(' '),
    html,
    summary: write.paragraph(),
    author: `Author ${word(feed % 90)}`,
    tags: [...ranks].map((rank) => `Topic ${word(rank)}`),
    date: new Date(FIRST_ITEM_AT + number * ITEM_EVERY_MS + feed * 60_000),
  };
}

function rss(feed: number, items: Item[], base: string, encoding: string): string {
  const written = items.map(
    (item) => `<item><title>${item.title}</title>
<link>${base}/site/${feed}/post-${item.number}</link>
<guid isPermaLink="false">${feed}-${item.number}@farm</guid>
<pubDate>${item.date.toUTCString()}</pubDate><dc:creator>${item.author}</dc:creator>
${item.tags.map((tag) => `<category><![CDATA[${tag}]]></category>`).join('\n')}
<description>${item.summary}</description>
<content:encoded><![CDATA[${item.html}]]></content:encoded></item>`,
  );
  return `<?xml version="1.0" encoding="${encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Source ${feed} ${word(feed)}</title>
<link>${base}/site/${feed}/</link><description>A source of the farm</description>
<language>en</language>
${written.join('\n')}
</channel></rss>`;
}

function atom(feed: number, items: Item[], base: string): string {
  const written = items.map(
    (item) => `<entry><title>${item.title}</title>
<link href="${base}/site/${feed}/post-${item.number}"/><id>tag:farm,2026:${feed}-${item.number}</id>
<published>${item.date.toISOString()}</published><updated>${item.date.toISOString()}</updated>
<author><name>${item.author}</name></author>
${item.tags.map((tag) => `<category term="${tag}"/>`).join('\n')}
<summary>${item.summary}</summary><content type="html">${escaped(item.html)}</content></entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Source ${feed} ${word(feed)}</title>
<id>${base}/feed/${feed}</id><link href="${base}/site/${feed}/"/>
<updated>${items[0]?.date.toISOString()}</updated>
${written.join('\n')}
</feed>`;
}

/**
 * The feed of a number, 1 and on; the same in every run. Every fourth is Atom, the others RSS
 * 2.0, of which some are in Latin-1 or UTF-16.
 */
export function makeFeed(feed: number, base: string): FeedText {
  const shift = Math.floor((feed - 1) / 2) % (ITEMS_SPREAD + 1);
  // In pairs above and below, so that the mean is the mean.
  const count = ITEMS_MEAN + (feed % 2 ? shift : -shift);
  const items = Array.from({ length: count }, (_, i) => makeItem(count - i, feed, base));
  if (feed % 4 === 0) {
    const contentType = 'application/atom+xml; charset=utf-8';
    return { bytes: Buffer.from(atom(feed, items, base)), contentType, items: count };
  }
  const encoding = feed % 25 === 6 ? 'iso-8859-1' : feed % 50 === 21 ? 'utf-16le' : 'utf-8';
  const named = encoding === 'utf-16le' ? 'utf-16' : encoding;
  const text = rss(feed, items, base, named);
  const bytes =
    encoding === 'utf-16le'
      ? Buffer.from(`\uFEFF${text}`, 'utf16le')
      : Buffer.from(text, encoding === 'utf-8' ? 'utf8' : 'latin1');
  return { bytes, contentType: `application/rss+xml; charset=${named}`, items: count };
}
