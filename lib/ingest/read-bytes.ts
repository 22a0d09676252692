import { messageOf } from '../errors.ts';
import type { ParsedFeed, ParsedItem, ParseOutcome, Unreadable } from '../model/feed.ts';
import type { ReadOutcome } from '../model/post.ts';
import { decodeBytes } from './decode.ts';
import { looksLikeJson, parseJsonFeed } from './json-feed.ts';
import { FEED_BYTES_MAX, FEED_ITEMS_MAX } from './limits.ts';
import { type NormaliseOptions, normaliseFeed } from './normalise.ts';
import { parseRepaired } from './parse-feed.ts';
import { type RepairedFeed, repairFeed } from './repair.ts';
import { sanitiseHtml } from './sanitise.ts';

// All that is done with a feed's bytes. It runs in a thread (parse-thread.ts), for the bytes are
// a stranger's and the work is bounded only by their number.

const unreadable = (reason: Unreadable['reason'], message: string): Unreadable => ({
  kind: 'unreadable',
  reason,
  message,
});

/** Decodes, repairs and parses a feed. */
async function parseBytes(
  bytes: Uint8Array,
  source: { url?: string | undefined; contentType?: string | undefined },
): Promise<ParseOutcome> {
  if (bytes.length > FEED_BYTES_MAX) {
    return unreadable('too-large', `The feed is over ${FEED_BYTES_MAX / 1024 / 1024} MB.`);
  }
  const { text } = decodeBytes(bytes, source.contentType);
  if (text.trim() === '') return unreadable('empty', 'The answer is empty.');
  if (looksLikeJson(text)) {
    const feed = parseJsonFeed(text, source.url);
    if (feed !== undefined) return { kind: 'parsed', feed };
    return unreadable('not-a-feed', 'This is JSON, but no JSON Feed: it has no list of items.');
  }
  const repaired = repairFeed(text, source.url, FEED_ITEMS_MAX);
  if (repaired.kind === 'html-page') {
    return unreadable(
      'html-page',
      'This is a web page, not a feed. Look in the page for the address of its feed.',
    );
  }
  if (repaired.kind === 'not-a-feed') {
    return unreadable('not-a-feed', 'This is neither RSS, Atom nor JSON Feed.');
  }
  try {
    const feed = await parseRepaired(repaired.feed, source.url);
    const warnings = warningsOf(repaired.feed);
    return {
      kind: 'parsed',
      feed: { ...feed, cut: cutOf(repaired.feed), warnings: [...feed.warnings, ...warnings] },
    };
  } catch (error) {
    return unreadable('malformed', `The feed cannot be parsed: ${messageOf(error)}`);
  }
}

function cutOf({ truncated, cutsItem }: RepairedFeed): ParsedFeed['cut'] {
  return cutsItem ? 'within' : truncated ? 'between' : undefined;
}

function warningsOf(repaired: RepairedFeed): string[] {
  const warnings: string[] = [];
  if (repaired.cutsItem) {
    warnings.push('The feed breaks off within its last item, which a poll leaves out.');
  } else if (repaired.truncated) {
    warnings.push('The feed ends in the middle of an element.');
  }
  if (repaired.itemsLeftOut > 0) {
    warnings.push(
      `${repaired.itemsLeftOut} items beyond the first ${FEED_ITEMS_MAX} were left out.`,
    );
  }
  return warnings;
}

/**
 * Bytes to drafts. An item within which the document breaks off is none: half of it would be
 * stored as the whole, and the whole would look like an edit later.
 */
export async function readBytes(
  bytes: Uint8Array,
  options: NormaliseOptions & { contentType?: string | undefined },
): Promise<ReadOutcome> {
  const parsed = await parseBytes(bytes, options);
  if (parsed.kind === 'unreadable') return parsed;
  const { format, channel, ownerLines, warnings } = parsed.feed;
  const { cut, items } = parsed.feed;
  const whole = cut === 'within' ? items.slice(0, -1) : items;
  const normalised = normaliseFeed({ ...parsed.feed, items: whole }, options);
  const isCutOff = cut !== undefined;
  return { kind: 'read', format, channel, ownerLines, warnings, isCutOff, ...normalised };
}

/** Bytes to items with bodies as they would be stored: what `tagwire parse` shows. */
export async function parseForShow(
  bytes: Uint8Array,
  source: { url?: string | undefined; contentType?: string | undefined },
): Promise<ParseOutcome> {
  const parsed = await parseBytes(bytes, source);
  if (parsed.kind === 'unreadable') return parsed;
  return { kind: 'parsed', feed: sanitised(parsed.feed) };
}

function sanitised(feed: ParsedFeed): ParsedFeed {
  const clean = (html: string | undefined, item: ParsedItem) =>
    html === undefined ? undefined : sanitiseHtml(html, item.baseUrl);
  return {
    ...feed,
    items: feed.items.map((item) => {
      const summary = clean(item.summary, item);
      const content = clean(item.content, item) ?? summary;
      return {
        ...item,
        ...(summary === undefined ? {} : { summary }),
        ...(content === undefined ? {} : { content }),
      };
    }),
  };
}
