import type { AuthorName, Enclosure, ParsedFeed, ParsedItem } from '../model/feed.ts';
import { findOwnerLines } from '../model/owner-wish.ts';
import { parseDate } from './dates.ts';
import { AUTHOR_CHARACTERS_MAX, FEED_ITEMS_MAX } from './limits.ts';
import { oneLine } from './plain-text.ts';
import { plainToHtml, titleText } from './texts.ts';
import { absoluteUrl } from './urls.ts';
import { stripForbidden } from './xml-tokens.ts';

// JSON Feed 1.0 and 1.1 (jsonfeed.org). Every value is looked at before it is believed.

type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const own = (object: Json, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

function text(object: Json, key: string): string | undefined {
  const value = own(object, key);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  return stripForbidden(value).trim() || undefined;
}

const objects = (object: Json, key: string): Json[] => {
  const value = own(object, key);
  return Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
};

function authorsOf(object: Json): AuthorName[] {
  // `author` is 1.0, `authors` 1.1.
  return [...objects(object, 'authors'), ...objects(object, 'author')]
    .slice(0, objects(object, 'authors').length || undefined)
    .flatMap((author) => {
      const name = text(author, 'name') ?? text(author, 'url');
      const uri = text(author, 'url')?.slice(0, AUTHOR_CHARACTERS_MAX);
      if (name === undefined) return [];
      return [{ name: oneLine(name).slice(0, AUTHOR_CHARACTERS_MAX), ...(uri ? { uri } : {}) }];
    });
}

function enclosuresOf(item: Json, url: string | undefined): Enclosure[] {
  return objects(item, 'attachments').flatMap((attachment) => {
    const address = absoluteUrl(text(attachment, 'url'), url);
    if (address === undefined) return [];
    const type = text(attachment, 'mime_type');
    const length = own(attachment, 'size_in_bytes');
    return [
      {
        url: address,
        ...(type === undefined ? {} : { type }),
        ...(typeof length === 'number' && Number.isSafeInteger(length) && length > 0
          ? { length }
          : {}),
      },
    ];
  });
}

function titleIn(object: Json): string | undefined {
  const title = text(object, 'title');
  return title === undefined ? undefined : titleText(title, 'ambiguous') || undefined;
}

function tagsOf(item: Json): string[] {
  const tags = own(item, 'tags');
  if (!Array.isArray(tags)) return [];
  const labels = tags.filter((tag) => typeof tag === 'string').map((tag) => stripForbidden(tag));
  return [...new Set(labels.map((tag) => tag.trim()).filter((tag) => tag !== ''))];
}

const defined = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

function readItem(item: Json, url: string | undefined, feedAuthors: AuthorName[]): ParsedItem {
  const authors = authorsOf(item);
  const html = text(item, 'content_html');
  const plain = text(item, 'content_text');
  const picture = absoluteUrl(text(item, 'image') ?? text(item, 'banner_image'), url);
  const summary = text(item, 'summary');
  const link = absoluteUrl(text(item, 'url'), url);
  const id = text(item, 'id');
  return defined({
    id,
    title: titleIn(item),
    link: link ?? absoluteUrl(text(item, 'external_url'), url) ?? webAddress(id),
    authors: authors.length > 0 ? authors : feedAuthors,
    published: parseDate(text(item, 'date_published')),
    updated: parseDate(text(item, 'date_modified')),
    categories: tagsOf(item),
    summary: summary === undefined ? undefined : plainToHtml(summary),
    content: html ?? (plain === undefined ? undefined : plainToHtml(plain)),
    language: text(item, 'language'),
    enclosures: enclosuresOf(item, url),
    picture,
    commentsUrl: undefined,
    licence: undefined,
    baseUrl: link ?? url,
  });
}

const webAddress = (id: string | undefined) =>
  id !== undefined && /^https?:\/\//iu.test(id) ? absoluteUrl(id, undefined) : undefined;

/** Whether a text is JSON at all, rather than XML. */
export function looksLikeJson(source: string): boolean {
  return /^\s*\{/u.test(source.slice(0, 1000));
}

/** Reads a JSON Feed; undefined for JSON that is none. */
export function parseJsonFeed(source: string, url: string | undefined): ParsedFeed | undefined {
  let feed: unknown;
  try {
    feed = JSON.parse(source);
  } catch {
    return undefined;
  }
  if (!isObject(feed) || !Array.isArray(own(feed, 'items'))) return undefined;
  const version = text(feed, 'version');
  const title = titleIn(feed);
  if (title === undefined && !version?.includes('jsonfeed.org')) return undefined;
  const items = objects(feed, 'items');
  const link = absoluteUrl(text(feed, 'home_page_url'), url);
  const base = url ?? absoluteUrl(text(feed, 'feed_url'), undefined) ?? link;
  const authors = authorsOf(feed);
  const hubs = objects(feed, 'hubs').flatMap((hub) =>
    text(hub, 'type')?.toLowerCase() === 'websub'
      ? (absoluteUrl(text(hub, 'url'), base) ?? [])
      : [],
  );
  return {
    format: 'json',
    channel: defined({
      title: title ?? '',
      link,
      description: text(feed, 'description'),
      language: text(feed, 'language'),
      updated: undefined,
      authors,
      hubs: hubs.length > 0 ? hubs : undefined,
      self: absoluteUrl(text(feed, 'feed_url'), base),
      hints: undefined,
      licence: undefined,
    }),
    items: items.slice(0, FEED_ITEMS_MAX).map((item) => readItem(item, base, authors)),
    deletedIds: [],
    ownerLines: findOwnerLines([text(feed, '_tagwire'), text(feed, 'description')]),
    warnings:
      items.length > FEED_ITEMS_MAX
        ? [
            `${items.length - FEED_ITEMS_MAX} items beyond the first ${FEED_ITEMS_MAX} were left out`,
          ]
        : [],
  };
}
