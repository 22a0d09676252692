import { Parser } from 'htmlparser2';

/** A feed as a subscription list names it. */
export interface OpmlFeed {
  title: string;
  /** As written; whoever imports it decides whether it can be fetched. */
  url: string;
  siteUrl?: string;
  /** Names of the folders around it, outermost first, and its own `category`, without doubles. */
  tags: string[];
}

/** Feeds of one list; the largest exports of readers have some thousands. */
const OPML_FEEDS_MAX = 50_000;
/** Folders in folders. Readers allow a few. */
const OPML_DEPTH_MAX = 50;

const first = (...values: (string | undefined)[]) =>
  values.map((value) => value?.trim()).find((value) => value !== undefined && value !== '');

/**
 * In `category` a comma parts names and a slash their levels, and OPML 2.0 has no escape for them:
 * written so, a name with one comes back from here as it was, and others read it as one name.
 */
const CATEGORY_ESCAPES: Record<string, string> = { ',': '%2C', '/': '%2F', '%': '%25' };
const escapeCategory = (name: string) =>
  name.replace(/[,/]|%(?=2C|2F|25)/giu, (character) => CATEGORY_ESCAPES[character] ?? '');
const unescapeCategory = (name: string) =>
  name.replace(/%2C|%2F|%25/giu, (escaped) => decodeURIComponent(escaped));

/** OPML 2.0: comma-separated; slashes between levels, of which the last is the name. */
function categoriesOf(category: string | undefined): string[] {
  return (category ?? '').split(',').map((each) => unescapeCategory(each.split('/').at(-1) ?? ''));
}

/**
 * Reads a subscription list (OPML 1.0, 1.1, 2.0), however sloppy: names of attributes in any
 * case, bare ampersands, a missing head or end. Folders become tags.
 * @returns the feeds in the order of the list; undefined when the text is no OPML.
 */
export function readOpml(text: string): OpmlFeed[] | undefined {
  const feeds: OpmlFeed[] = [];
  const folders: (string | undefined)[] = [];
  let isOpml = false;
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (name === 'opml') isOpml = true;
        if (name !== 'outline') return;
        const title = first(attributes.title, attributes.text);
        const url = first(attributes.xmlurl);
        if (url !== undefined && feeds.length < OPML_FEEDS_MAX) {
          feeds.push(feedOf(url, title, attributes, folders));
        }
        const isFolder = url === undefined && folders.length < OPML_DEPTH_MAX;
        folders.push(isFolder ? title : undefined);
      },
      onclosetag: (name) => {
        if (name === 'outline') folders.pop();
      },
    },
    { xmlMode: true, lowerCaseTags: true, lowerCaseAttributeNames: true, decodeEntities: true },
  );
  parser.end(text.replace(/^\ufeff/u, ''));
  return isOpml ? feeds : undefined;
}

function feedOf(
  url: string,
  title: string | undefined,
  attributes: Record<string, string>,
  folders: readonly (string | undefined)[],
): OpmlFeed {
  const siteUrl = first(attributes.htmlurl);
  const names = [...folders, ...categoriesOf(attributes.category)].map((name) => name?.trim());
  return {
    title: title ?? url,
    url,
    ...(siteUrl === undefined ? {} : { siteUrl }),
    tags: [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[],
  };
}

/** What XML 1.0 forbids (section 2.2). */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (text: string) =>
  text.replace(FORBIDDEN, '').replace(/[&<>"]/gu, (character) => ESCAPES[character] ?? '');

function outline(feed: OpmlFeed): string {
  const categories = feed.tags.map(escapeCategory);
  const attributes = Object.entries({
    type: 'rss',
    text: feed.title,
    title: feed.title,
    xmlUrl: feed.url,
    htmlUrl: feed.siteUrl,
    category: categories.length === 0 ? undefined : categories.join(','),
  });
  const written = attributes.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${escapeXml(value)}"`],
  );
  return `    <outline ${written.join(' ')}/>\n`;
}

/**
 * Writes a subscription list (OPML 2.0) in the order given; a feed's tags go into `category`.
 * By hand: the feed library leaves categories out and refuses an empty list.
 */
export function writeOpml(title: string, feeds: readonly OpmlFeed[], createdAt: Date): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
  <head>
    <title>${escapeXml(title)}</title>
    <dateCreated>${createdAt.toUTCString()}</dateCreated>
  </head>
  <body>
${feeds.map(outline).join('')}  </body>
</opml>
`;
}
