import { XmlDocument } from 'libxml2-wasm';
import { checkAtom } from './feed-rules-atom.ts';
import { checkRss } from './feed-rules-rss.ts';
import { type Complaint, checkCharacters, NS } from './feed-rules-shared.ts';

// What the W3C feed validator complains of, under its own names for it: its errors, and those of
// its warnings that a publisher can mend. Written from its documentation of each message and from
// the specifications that these name; it shares no code with what writes our feeds. Left out on
// purpose: ContainsHTML (a title about `<b>` is no title in HTML, and RSS cannot say which it is),
// DuplicateUpdated (posts of one moment), and the warnings about XHTML and tombstones beside items
// (docs/decisions/0015-outgoing-feeds.md).

/** What the W3C feed validator would say of an RSS 2.0 or Atom document; nothing of a good one. */
export function complaintsOf(xml: string): Complaint[] {
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
    return complaints;
  } finally {
    document.dispose();
  }
}
