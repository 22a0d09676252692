import { XmlDocument, type XmlElement } from 'libxml2-wasm';
import { checkAtom } from './feed-rules-atom.ts';
import { checkRss } from './feed-rules-rss.ts';
import {
  attribute,
  type Complaint,
  checkCharacters,
  type Look,
  NS,
  named,
  say,
} from './feed-rules-shared.ts';

// What the W3C feed validator complains of, under its own names for it: its errors, and those of
// its warnings that a publisher can mend. Written from its documentation of each message and from
// the specifications that these name; it shares no code with what writes our feeds. Left out on
// purpose: ContainsHTML (a title about `<b>` is no title in HTML, and RSS cannot say which it is),
// DuplicateUpdated (posts of one moment), and the warnings about XHTML and tombstones beside items
// (docs/decisions/0015-outgoing-feeds.md).

/** A document says of itself where it is; the validator knows where it found it. */
function checkLocation(look: Look, feed: XmlElement, location: string): void {
  for (const link of named(feed, 'link', NS.atom)) {
    const href = attribute(link, 'href');
    if (attribute(link, 'rel') === 'self' && href !== location) {
      say(look, 'SelfDoesntMatchLocation', `${href} at ${location}`);
    }
  }
}

/**
 * What the W3C feed validator would say of an RSS 2.0 or Atom document; nothing of a good one.
 * @param location where it was found.
 */
export function complaintsOf(xml: string, location?: string): Complaint[] {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromString(xml);
  } catch (error) {
    return [`SAXError: ${error instanceof Error ? error.message : error}`];
  }
  try {
    const complaints: Complaint[] = [];
    const { root } = document;
    checkCharacters({ complaints, where: 'document' }, xml);
    if (root.name === 'rss') checkRss(complaints, root);
    else if (root.name === 'feed' && root.namespaceUri === NS.atom) checkAtom(complaints, root);
    else complaints.push(`UndefinedElement: document, ${root.name}`);
    if (location !== undefined) {
      const feed = named(root, 'channel')[0] ?? root;
      checkLocation({ complaints, where: 'feed' }, feed, location);
    }
    return complaints;
  } finally {
    document.dispose();
  }
}
