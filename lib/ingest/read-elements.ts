import type { AuthorName, ParsedChannel, ParsedItem } from '../model/feed.ts';
import { parseDate } from './dates.ts';
import { readHints } from './hints.ts';
import { licenceOf } from './licence.ts';
import { FEED_ITEMS_MAX } from './limits.ts';
import { readAuthor, readPersons } from './persons.ts';
import { commentsOf, enclosuresOf, leadPicture } from './read-media.ts';
import { bodyOf, titleOf } from './texts.ts';
import { absoluteUrl, joinBase } from './urls.ts';
import { attributeOf, type Elements, textOf, type XmlNode } from './xml-node.ts';

// From the elements of a repaired feed to our words: the one place that knows which element of
// which vocabulary means what, and which wins.

interface Scope {
  url: string | undefined;
  channel: ParsedChannel;
}

const firstText = (nodes: XmlNode[] | undefined) =>
  nodes?.map(textOf).find((text) => text !== '') || undefined;

function firstDate(...groups: (XmlNode[] | undefined)[]): Date | undefined {
  for (const nodes of groups) {
    for (const node of nodes ?? []) {
      const date = parseDate(textOf(node));
      if (date !== undefined) return date;
    }
  }
  return undefined;
}

const baseOf = (node: XmlNode, around: string | undefined) => attributeOf(node, 'base') ?? around;

/** RSS's `<link>` holds its address, Atom's bears it; some feeds mix the two. */
function linkAddress(node: XmlNode, base: string | undefined): string | undefined {
  const own = baseOf(node, base);
  return absoluteUrl(
    attributeOf(node, 'href') || textOf(node) || attributeOf(node, 'resource'),
    own,
  );
}

function alternateLink(nodes: XmlNode[] | undefined, base: string | undefined): string | undefined {
  const alternates = (nodes ?? []).filter((node) => {
    // No rel means alternate (RFC 4287, section 4.2.7.2).
    const rel = attributeOf(node, 'rel')?.toLowerCase() ?? 'alternate';
    return rel === 'alternate' || rel.endsWith('/alternate');
  });
  const isPage = (node: XmlNode) =>
    /^(text\/html|application\/xhtml)/iu.test(attributeOf(node, 'type') ?? 'text/html');
  for (const node of [...alternates.filter(isPage), ...alternates]) {
    const address = linkAddress(node, base);
    if (address !== undefined) return address;
  }
  return undefined;
}

function relatedLinks(elements: Elements, rel: string, base: string | undefined): string[] {
  const nodes = [...(elements['x-atom-link'] ?? []), ...(elements['x-link'] ?? [])];
  return nodes.flatMap((node) => {
    if (attributeOf(node, 'rel')?.toLowerCase() !== rel) return [];
    return linkAddress(node, base) ?? [];
  });
}

/** A guid or id that is an address of the item's page. */
function permalink(elements: Elements, base: string | undefined): string | undefined {
  for (const node of elements.guid ?? []) {
    if (attributeOf(node, 'ispermalink')?.toLowerCase() === 'false') continue;
    const text = textOf(node);
    if (/^https?:\/\//iu.test(text)) return absoluteUrl(text, base);
  }
  const id = firstText(elements['x-id']) ?? firstText(elements['x-about']);
  return id !== undefined && /^https?:\/\//iu.test(id) ? absoluteUrl(id, base) : undefined;
}

function itemLink(elements: Elements, base: string | undefined): string | undefined {
  return (
    alternateLink(elements['x-link'], base) ??
    alternateLink(elements['x-atom-link'], base) ??
    permalink(elements, base) ??
    absoluteUrl(firstText(elements['x-original-link']), base)
  );
}

/** Atom ids ought to be absolute (RFC 4287, section 4.2.6); what looks like a path is made so. */
function atomId(nodes: XmlNode[] | undefined, base: string | undefined): string | undefined {
  for (const node of nodes ?? []) {
    const text = textOf(node);
    if (text === '') continue;
    const isPath = text.includes('/') && !/^[a-z][a-z0-9+.-]*:/iu.test(text);
    return (isPath ? URL.parse(text, baseOf(node, base))?.href : undefined) ?? text;
  }
  return undefined;
}

function categoriesOf(elements: Elements): string[] {
  const labels = (elements['x-category'] ?? []).map(
    (node) => attributeOf(node, 'term') ?? (textOf(node) || attributeOf(node, 'label')) ?? '',
  );
  const subjects = (elements['dc:subject'] ?? []).map(textOf);
  const shows = (elements['x-itunes-category'] ?? []).map(
    (node) => attributeOf(node, 'text') ?? '',
  );
  const listed = (nodes: XmlNode[] = []) =>
    nodes.flatMap((node) => textOf(node).split(',')).map((word) => word.trim());
  const keywords = [...listed(elements['itunes:keywords']), ...listed(elements['media:keywords'])];
  const all = [...listed(elements['x-tags']), ...labels, ...subjects, ...shows, ...keywords];
  return [...new Set(all.filter((label) => label !== ''))];
}

function itemAuthors(elements: Elements, channel: ParsedChannel): AuthorName[] {
  const creators = (elements['dc:creator'] ?? []).map((node) => readAuthor(textOf(node)));
  const persons = readPersons(elements['x-author']);
  const podcasters = (elements['itunes:author'] ?? []).map((node) => readAuthor(textOf(node)));
  for (const authors of [creators, persons, podcasters]) {
    const named = authors.filter((author) => author !== undefined);
    const better = podcasters[0];
    if (named.length === 1 && better !== undefined && isSameName(named[0]?.name, better.name)) {
      return [better];
    }
    if (named.length > 0) return named;
  }
  return channel.authors;
}

/** `adalovelace` and `Ada Lovelace`: a login and the name that it was made from. */
function isSameName(login: string | undefined, name: string): boolean {
  return login !== undefined && fold(login) === fold(name);
}

const fold = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Reads an item's elements. Total: whatever is missing or odd costs only itself. */
export function readItem(elements: Elements, scope: Scope): ParsedItem {
  const base = joinBase(scope.url, firstText(elements['x-base'])) ?? scope.channel.link;
  const texts = {
    summary:
      bodyOf(elements['x-summary'], base) ??
      bodyOf(elements['x-description'], base) ??
      bodyOf(elements['x-dc-description'], base) ??
      bodyOf(elements['x-itunes-summary'], base) ??
      bodyOf(elements['x-media-description'], base),
    content:
      bodyOf(elements['x-encoded'], base) ??
      bodyOf(elements['x-content'], base) ??
      bodyOf(elements['x-xhtml-body'], base),
  };
  const dcDate = firstDate(elements['x-dc-date']);
  const published = firstDate(
    elements['x-pubdate'],
    elements['x-published'],
    elements['x-issued'],
    elements['x-dc-date'],
    elements['x-created'],
  );
  const updated = firstDate(elements['x-updated'], elements['x-modified']) ?? dcDate;
  return compact({
    id:
      firstText(elements.guid) ??
      atomId(elements['x-id'], base) ??
      firstText(elements['x-about']) ??
      firstText(elements['x-dc-identifier']),
    title:
      titleOf(elements['x-title']) ??
      titleOf(elements['dc:title']) ??
      titleOf(elements['x-atom-title']) ??
      titleOf(elements['x-media-title']) ??
      titleOf(elements['x-itunes-title']),
    link: itemLink(elements, base),
    authors: itemAuthors(elements, scope.channel),
    published,
    updated,
    categories: categoriesOf(elements),
    summary: texts.summary?.html,
    content: texts.content?.html,
    language: firstText(elements['x-lang']) ?? firstText(elements['dc:language']),
    enclosures: enclosuresOf(elements, base),
    picture: leadPicture(elements, base),
    commentsUrl: commentsOf(elements, base),
    licence: licenceOf(elements, base),
    baseUrl: (texts.content ?? texts.summary)?.base ?? base,
  });
}

/** Reads a channel's elements. */
export function readChannel(elements: Elements, url: string | undefined): ParsedChannel {
  const base = joinBase(url, firstText(elements['x-base']));
  const link =
    alternateLink(elements['x-link'], base) ?? alternateLink(elements['x-atom-link'], base);
  const description =
    bodyOf(elements['x-description'], base) ??
    bodyOf(elements['x-dc-description'], base) ??
    bodyOf(elements['x-itunes-summary'], base) ??
    bodyOf(elements['x-info'], base);
  const hubs = relatedLinks(elements, 'hub', base);
  const persons = [
    ...readPersons(elements['x-author']),
    ...(elements['dc:creator'] ?? []).map((node) => readAuthor(textOf(node))),
    ...(elements['itunes:author'] ?? []).map((node) => readAuthor(textOf(node))),
  ];
  return compact({
    title:
      titleOf(elements['x-title']) ??
      titleOf(elements['dc:title']) ??
      titleOf(elements['x-atom-title']) ??
      '',
    link,
    description: description?.html,
    language:
      firstText(elements['x-lang']) ??
      firstText(elements.language) ??
      firstText(elements['dc:language']),
    updated:
      firstDate(
        elements['x-updated'],
        elements['x-modified'],
        elements['x-last-build-date'],
        elements['x-dc-date'],
      ) ?? firstDate(elements['x-pubdate'], elements['x-published']),
    authors: persons.filter((author) => author !== undefined),
    hubs: hubs.length > 0 ? hubs : undefined,
    self: relatedLinks(elements, 'self', base)[0],
    hints: readHints(elements),
    licence: licenceOf(elements, base),
  });
}

/** Ids of items that the publisher has deleted (Atom tombstones, RFC 6721, section 3). */
export function readDeletedIds(elements: Elements): string[] {
  const refs = (elements['x-deleted'] ?? []).map((node) => attributeOf(node, 'ref'));
  return refs.filter((ref) => ref !== undefined).slice(0, FEED_ITEMS_MAX);
}

/** The same without the keys whose value is undefined. */
function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
