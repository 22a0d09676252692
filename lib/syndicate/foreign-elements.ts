import type { OutgoingFeed } from './outgoing-feed.ts';

/** Elements that the feed library does not write, as the first ones of a document. */
function firstElements(feed: OutgoingFeed): string {
  if (feed.currentUrl === undefined) return '';
  // RFC 5005, section 4: it is no feed to subscribe to.
  return '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>\n';
}

/**
 * Puts what the feed library does not write at the beginning of a feed: behind the start tag that
 * holds everything, which is the first one of its name in a text that we have just made.
 */
export function insertFirst(xml: string, tag: 'feed' | 'channel', feed: OutgoingFeed): string {
  return xml.replace(
    new RegExp(`<${tag}\\b[^>]*>\n?`, 'u'),
    (start) => start + firstElements(feed),
  );
}
