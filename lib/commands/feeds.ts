import { TagwireError } from '../errors.ts';
import { readFeedAddress } from '../model/feed-address.ts';
import { type Chosen, removeUnread, takeFeedOfPage } from '../store/feed-choices.ts';
import { addFeeds, setFeed } from '../store/feeds.ts';

/**
 * Adds a feed by its address or its site's. Nothing is fetched here: a worker looks at it within a
 * minute, finds the feed of a page, and what it finds is on the operator's page.
 * @throws TagwireError when the text cannot be an address of the web.
 */
export async function requestFeed(text: string): Promise<{ url: string; isNew: boolean }> {
  const url = readFeedAddress(text);
  if (url === undefined) {
    throw new TagwireError(
      `“${text.trim().slice(0, 100)}” is no address of a feed or site.`,
      'Give one like https://lwn.net/headlines/newrss or lwn.net.',
    );
  }
  const [added] = await addFeeds([{ url }]);
  if (added === undefined) throw new Error('adding one feed gave none');
  return { url: added.url, isNew: added.isNew };
}

/** Takes one of the feeds that the page at a row's address names; see takeFeedOfPage. */
export const chooseFeed = (id: number, url: string): Promise<Chosen> => takeFeedOfPage(id, url);

/** What the operator may ask of one feed. */
export const FEED_REQUESTS = ['pause', 'resume', 'poll', 'remove'] as const;
export type FeedRequest = (typeof FEED_REQUESTS)[number];

/**
 * Polling is done by a worker, at its next tick. Only what never was a feed is removed here: posts
 * go by `bin/tagwire feeds remove`.
 * @returns false when there is no such feed.
 */
export function changeFeed(id: number, request: FeedRequest): Promise<boolean> {
  switch (request) {
    case 'pause':
      return setFeed(id, { status: 'paused' });
    case 'resume':
      return setFeed(id, { status: 'active', pollNow: true });
    case 'poll':
      return setFeed(id, { pollNow: true });
    case 'remove':
      return removeUnread(id);
  }
}
