import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readOpml, writeOpml } from '../../lib/syndicate/opml.ts';

describe('subscription lists', () => {
  test('give feeds in their order, folders as tags', () => {
    const list = `<?xml version="1.0"?>
      <opml version="2.0"><head><title>Mine</title></head><body>
        <outline text="Kernel"><outline text="Low level">
          <outline type="rss" text="Corner" xmlUrl="https://k.example/feed" htmlUrl="https://k.example/"/>
        </outline></outline>
        <outline title="Q &amp; A" text="other" xmlUrl=" https://q.example/?a=1&amp;b=2 " category="/Tech/Help,Questions"/>
        <outline text="A folder without feeds"/>
      </body></opml>`;
    expect(readOpml(list)).toEqual([
      {
        title: 'Corner',
        url: 'https://k.example/feed',
        siteUrl: 'https://k.example/',
        tags: ['Kernel', 'Low level'],
      },
      { title: 'Q & A', url: 'https://q.example/?a=1&b=2', tags: ['Help', 'Questions'] },
    ]);
  });

  test('are read however sloppy they are', () => {
    const list = '\ufeff<OPML><BODY><OUTLINE TEXT="A & B" XMLURL="https://a.example/?x&y"><outline';
    expect(readOpml(list)).toEqual([{ title: 'A & B', url: 'https://a.example/?x&y', tags: [] }]);
  });

  test('a page is none', () => {
    expect(readOpml('<html><body>Hello</body></html>')).toBeUndefined();
    expect(readOpml('')).toBeUndefined();
  });

  test('that we write, we read, also names with what parts names', () => {
    const tags = ['Sub, with comma', 'TCP/IP', '100%', '%2C', '%252F,/', '%%2C'];
    const feeds = [{ title: 'T', url: 'https://t.example/feed', tags }];
    expect(readOpml(writeOpml('List', feeds, new Date(0)))).toEqual(feeds);
  });

  test('that we write, we read', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1 })
      .map((each) => each.replace(/[\p{C}\ufffe\uffff]/gu, '').trim())
      .filter((each) => each !== '' && each.replace(/\s+/gu, ' ') === each);
    const feed = fc.record({
      title: text,
      url: fc.webUrl(),
      tags: fc.uniqueArray(text, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(feed, { maxLength: 5 }), (feeds) => {
        expect(readOpml(writeOpml('List', feeds, new Date(0)))).toEqual(feeds);
      }),
    );
  });
});
