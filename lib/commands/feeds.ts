import { TagwireError } from '../errors.ts';
import { addFeeds, setFeed } from '../store/feeds.ts';

/** Longer addresses are no feed's. */
const URL_CHARACTERS_MAX = 2000;

/**
 * Adds a feed by its address. Nothing is fetched here: a worker looks at it within a minute, and
 * what it finds is on the operator's page.
 * @throws TagwireError when the text cannot be a feed's address.
 */
export async function requestFeed(text: string): Promise<{ url: string; isNew: boolean }> {
  const url = text.trim();
  const isAddress = URL.canParse(url) && /^https?:$/u.test(new URL(url).protocol);
  if (!isAddress || url.length > URL_CHARACTERS_MAX) {
    throw new TagwireError(
      `“${url.slice(0, 100)}” is no address of a feed.`,
      'Give one that starts with https:// or http://.',
    );
  }
  const [added] = await addFeeds([{ url: new URL(url).href }]);
  if (added === undefined) throw new Error('adding one feed gave none');
  return { url: added.url, isNew: added.isNew };
}

/** What the operator may ask of one feed. */
export type FeedRequest = 'pause' | 'resume' | 'poll';
export const FEED_REQUESTS: readonly FeedRequest[] = ['pause', 'resume', 'poll'];

/** @returns false when there is no such feed. Polling is done by a worker, at its next tick. */
export function changeFeed(id: number, request: FeedRequest): Promise<boolean> {
  switch (request) {
    case 'pause':
      return setFeed(id, { status: 'paused' });
    case 'resume':
      return setFeed(id, { status: 'active', pollNow: true });
    case 'poll':
      return setFeed(id, { pollNow: true });
  }
}
