import { describe, expect, test } from 'vitest';
import { ITEM_ELEMENTS_MAX } from '../../../lib/ingest/limits.ts';
import { repairFeed } from '../../../lib/ingest/repair.ts';

// What the parser is given is bounded, whatever the wire brings: a flood of one thing after another.

const HEAD = '<rss version="2.0"><channel><title>T</title><item><title>I</title>';
const ATOM =
  '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">';
const full = (head: string, part: string) =>
  head + part.repeat(Math.floor((FLOOD_CHARACTERS - head.length) / part.length));

const FLOOD_CHARACTERS = 2_000_000;
/** A body of a million characters, each of which may need five to be written. */
const XML_CHARACTERS_MAX = 5_500_000;

/** So much text is a second's work, and other tests run beside it. */
const TIMEOUT_MS = 60_000;

describe('two million characters', { timeout: TIMEOUT_MS }, () => {
  test.each([
    ['of brackets in a title', full(`${HEAD}<title>`, '<')],
    ['of ampersands in a description', full(`${HEAD}<description>`, '&')],
    ['of open elements in a description', full(`${HEAD}<description>`, '<b>')],
    ['of escaped elements in a description', full(`${HEAD}<description>`, '&lt;b&gt;')],
    ['of CDATA that never ends', full(`${HEAD}<description>`, '<![CDATA[')],
    ['of pictures in one item', full(HEAD, '<media:thumbnail url="a.jpg"/>')],
    ['of categories in one item', full(HEAD, '<category>x</category>')],
    ['of tombstones', full(ATOM, '<at:deleted-entry ref="x"/>')],
    ['of comments', full(HEAD, '<!-- tagwire:abcdefghijkl remove -->')],
    ['of attributes', full(`${HEAD}<enclosure `, 'a="1" ')],
  ])('%s are read as a small document', (_, text) => {
    const outcome = repairFeed(text, 'https://blog.example/feed', 100);
    if (outcome.kind !== 'repaired') throw new Error(outcome.kind);
    const { xml, items } = outcome.feed;
    expect(items).toBeLessThanOrEqual(1);
    expect(xml.length).toBeLessThan(XML_CHARACTERS_MAX);
    // Ends of elements, of which no body has any: its own are written as text.
    expect(xml.split('</').length).toBeLessThan(12_000);
  });

  test('of categories leave those within the limit', () => {
    const outcome = repairFeed(full(HEAD, '<category>x</category>'), undefined, 100);
    if (outcome.kind !== 'repaired') throw new Error(outcome.kind);
    expect(outcome.feed.xml.split('<x-category>').length).toBe(ITEM_ELEMENTS_MAX);
  });
});
