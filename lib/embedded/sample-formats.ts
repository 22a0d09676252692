import type { SamplePost, SampleSource } from './sample-text.ts';

// Sources as their publishers would write them: each format by hand, with its own habits.

/** A source at a place and time. */
export interface Setting {
  /** Address of the server, without a slash at the end. */
  base: string;
  now: Date;
}

const DAY_MS = 86_400_000;
const at = ({ now }: Setting, days: number) => new Date(now.getTime() - days * DAY_MS);

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;

/** The address of a post; a slug with dots in it leads to another source's. */
const addressOf = (source: SampleSource, post: SamplePost, { base }: Setting) =>
  new URL(post.slug, base + source.site).href;

export const feedPath = (source: SampleSource) =>
  `${source.site}${source.format === 'json' ? 'feed.json' : 'feed.xml'}`;

function rss(source: SampleSource, setting: Setting): string {
  const items = source.posts.map((post) => {
    const address = addressOf(source, post, setting);
    const author = post.author ? `\n      <dc:creator>${cdata(post.author)}</dc:creator>` : '';
    const tags = post.tags.map((tag) => `\n      <category>${cdata(tag)}</category>`).join('');
    return `    <item>
      <title>${escaped(post.title)}</title>
      <link>${address}</link>${author}
      <pubDate>${at(setting, post.days).toUTCString()}</pubDate>${tags}
      <guid isPermaLink="true">${address}</guid>
      <content:encoded>${cdata(post.html)}</content:encoded>
    </item>`;
  });
  const encoding = source.format === 'rss-1251' ? 'windows-1251' : 'UTF-8';
  return `<?xml version="1.0" encoding="${encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>${escaped(source.title)}</title>
    <link>${setting.base}${source.site}</link>
    <description>${escaped(source.description)}</description>
    <language>${source.language}</language>
    <ttl>60</ttl>
${items.join('\n')}
  </channel>
</rss>
`;
}

function rdf(source: SampleSource, setting: Setting): string {
  const addresses = source.posts.map((post) => addressOf(source, post, setting));
  const items = source.posts.map((post, i) => {
    const tags = post.tags.map((tag) => `\n    <dc:subject>${escaped(tag)}</dc:subject>`).join('');
    return `  <item rdf:about="${addresses[i]}">
    <title>${escaped(post.title)}</title>
    <link>${addresses[i]}</link>
    <dc:date>${at(setting, post.days).toISOString()}</dc:date>
    <dc:creator>${escaped(post.author)}</dc:creator>${tags}
    <description>${escaped(post.html)}</description>
  </item>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://purl.org/rss/1.0/">
  <channel rdf:about="${setting.base}${source.site}feed.xml">
    <title>${escaped(source.title)}</title>
    <link>${setting.base}${source.site}</link>
    <description>${escaped(source.description)}</description>
    <items><rdf:Seq>${addresses.map((to) => `<rdf:li resource="${to}"/>`).join('')}</rdf:Seq></items>
  </channel>
${items.join('\n')}
</rdf:RDF>
`;
}

function atom(source: SampleSource, setting: Setting): string {
  const entries = source.posts.map((post) => {
    const tags = post.tags.map((tag) => `\n    <category term="${escaped(tag)}"/>`).join('');
    const content =
      source.format === 'atom-xhtml'
        ? `<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">${post.html}</div></content>`
        : `<content type="html">${escaped(post.html)}</content>`;
    return `  <entry>
    <title>${escaped(post.title)}</title>
    <link rel="alternate" type="text/html" href="${addressOf(source, post, setting)}"/>
    <id>tag:samples.example,2026:${source.name}/${post.slug}</id>
    <published>${at(setting, post.days).toISOString()}</published>
    <updated>${at(setting, post.updatedDays ?? post.days).toISOString()}</updated>
    <author><name>${escaped(post.author)}</name></author>${tags}
    ${content}
  </entry>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${source.language}">
  <title>${escaped(source.title)}</title>
  <subtitle>${escaped(source.description)}</subtitle>
  <link rel="alternate" href="${setting.base}${source.site}"/>
  <link rel="self" href="${setting.base}${feedPath(source)}"/>
  <id>tag:samples.example,2026:${source.name}</id>
  <updated>${at(setting, source.posts[0]?.days ?? 0).toISOString()}</updated>
${entries.join('\n')}
</feed>
`;
}

function json(source: SampleSource, setting: Setting): string {
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    title: source.title,
    description: source.description,
    language: source.language,
    home_page_url: setting.base + source.site,
    feed_url: setting.base + feedPath(source),
    items: source.posts.map((post) => ({
      id: addressOf(source, post, setting),
      url: addressOf(source, post, setting),
      title: post.title,
      content_html: post.html,
      date_published: at(setting, post.days).toISOString(),
      authors: [{ name: post.author }],
      tags: post.tags,
    })),
  };
  return `${JSON.stringify(feed, null, 2)}\n`;
}

const WINDOWS_1251_CYRILLIC_START = 0xc0;
const UNICODE_CYRILLIC_START = 0x410;

/** Text as windows-1251, as far as Russian needs it. @throws for any other sign. */
function encodeWindows1251(text: string): Buffer {
  const rest: Record<string, number> = { Ё: 0xa8, ё: 0xb8, '«': 0xab, '»': 0xbb, '—': 0x97 };
  const bytes = [...text].map((sign) => {
    const point = sign.codePointAt(0) ?? 0;
    if (point < 0x80) return point;
    const offset = point - UNICODE_CYRILLIC_START;
    if (offset >= 0 && offset < 64) return WINDOWS_1251_CYRILLIC_START + offset;
    const byte = rest[sign];
    if (byte === undefined) throw new Error(`no byte for ${sign} in windows-1251`);
    return byte;
  });
  return Buffer.from(bytes);
}

/** A source's feed as it goes over the wire. */
export function renderSample(
  source: SampleSource,
  setting: Setting,
): { contentType: string; body: Buffer } {
  switch (source.format) {
    case 'rss':
      return { contentType: 'application/rss+xml', body: Buffer.from(rss(source, setting)) };
    case 'rss-1251':
      return {
        contentType: 'text/xml; charset=windows-1251',
        body: encodeWindows1251(rss(source, setting)),
      };
    case 'rdf':
      return { contentType: 'application/rdf+xml', body: Buffer.from(rdf(source, setting)) };
    case 'atom-html':
    case 'atom-xhtml':
      return { contentType: 'application/atom+xml', body: Buffer.from(atom(source, setting)) };
    case 'json':
      return { contentType: 'application/feed+json', body: Buffer.from(json(source, setting)) };
  }
}

/** A plain page for a post's own address, so that links lead somewhere. */
export function renderOriginal(source: SampleSource, post: SamplePost): string {
  return `<!doctype html><html lang="${source.language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(post.title)}</title>
<style>body{font:1.1rem/1.6 Georgia,serif;max-width:40rem;margin:3rem auto;padding:0 1rem}
img{max-width:100%;height:auto}pre{overflow:auto}</style>
<p>${escaped(source.title)}${post.author ? ` · ${escaped(post.author)}` : ''}</p>
<h1>${escaped(post.title)}</h1>${post.html}`;
}
