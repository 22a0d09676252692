import type { Unreadable } from '../model/feed.ts';
import { FULL_TEXT_REASONS, type FullTextReason, type PageReading } from '../model/full-text.ts';
import type { ExtractOptions } from './extract-page.ts';
import { askThread } from './read-feed.ts';

export interface ReadPageOptions extends ExtractOptions {
  /** Shorter than READ_FEED_MS_MAX in tests. */
  timeLimitMs?: number;
}

/**
 * Bytes of a page to the full text of a post: decode, reduce, extract, sanitise, judge; in the
 * threads that read feeds, and with their limits.
 */
export async function readPage(
  bytes: Uint8Array,
  { timeLimitMs, ...options }: ReadPageOptions,
): Promise<PageReading> {
  const read = await askThread<PageReading>({ task: 'page', bytes, options }, timeLimitMs);
  if (read.kind !== 'unreadable') return read;
  const reason = REASONS[read.reason] ?? 'no-article';
  const detail = reason === 'no-article' ? ` (${read.message})` : '';
  return { kind: 'refused', reason, message: FULL_TEXT_REASONS[reason] + detail };
}

const REASONS: Partial<Record<Unreadable['reason'], FullTextReason>> = {
  timeout: 'timeout',
  'too-large': 'too-large',
};
