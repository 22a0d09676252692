import { guidOf, htmlText, type OutgoingFeed, xmlText } from './outgoing-feed.ts';

// Elements that the feed library does not write: they stand first in a feed.

/** What the sheet of public/feed.css makes of a feed that is opened in a browser. */
export const STYLESHEETS = [{ type: 'text/css', href: '/feed.css' }];

const text = (given: string) => htmlText(xmlText(given));

const WHAT_A_FEED_IS =
  'This is a feed: the newest posts of a list, in a form for feed readers. Those are programs that ' +
  'show what is new on the sites that you choose. To follow this list, copy the feed’s address ' +
  'into yours.';
const WHAT_AN_ARCHIVE_IS =
  'This is an older part of a feed. Feed readers fetch it by themselves. To follow the list, copy ' +
  'the address of the feed into yours.';

/**
 * What a person reads who opens the feed in a browser. XHTML, so that its links can be followed in
 * any browser without XSLT; programs that read feeds pass over elements of other namespaces
 * (RFC 4287, section 6.3; RSS 2.0, "Extending RSS"). No element of it has a name that a feed's has.
 */
function introduction(feed: OutgoingFeed): string {
  const address = text(feed.currentUrl ?? feed.selfUrl);
  const words = feed.currentUrl === undefined ? WHAT_A_FEED_IS : WHAT_AN_ARCHIVE_IS;
  return `<header xmlns="http://www.w3.org/1999/xhtml" lang="en" dir="ltr">
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<nav><a href="${text(feed.siteUrl)}/">${text(new URL(feed.siteUrl).host)}</a></nav>
<h1>${text(feed.title)}</h1>
<p>${words}</p>
<p><code>${address}</code></p>
<p>Without a reader, <a href="${text(feed.pageUrl)}">read the same posts as a page</a>.</p>
</header>
`;
}

/** RFC 5005, section 4: it is no feed to subscribe to. */
const ARCHIVE = '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>\n';

/** Entries that were withdrawn (RFC 6721, section 3). RFC 4287's grammar has them before others. */
function tombstones(feed: OutgoingFeed): string {
  const stones = (feed.tombstones ?? []).map(
    (stone) =>
      `<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ` +
      `ref="${text(guidOf(feed, stone))}" when="${stone.withdrawnAt}"/>\n`,
  );
  return stones.join('');
}

/** The library breaks lines around CDATA, and space around an id would be part of it. */
const withoutSpace = (xml: string) => xml.replace(/\s*(<!\[CDATA\[[\s\S]*?\]\]>)\s*/gu, '$1');

/**
 * Puts what the feed library does not write at the beginning of a feed: behind the start tag that
 * holds everything, which is the first one of its name in a text that we have just made.
 */
export function insertFirst(xml: string, tag: 'feed' | 'channel', feed: OutgoingFeed): string {
  const archive = feed.currentUrl === undefined ? '' : ARCHIVE;
  const stones = tag === 'feed' ? tombstones(feed) : '';
  const elements = introduction(feed) + archive + stones;
  return withoutSpace(xml).replace(
    new RegExp(`<${tag}\\b[^>]*>\\n?`, 'u'),
    (start) => start + elements,
  );
}
