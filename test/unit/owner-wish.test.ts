import { describe, expect, test } from 'vitest';
import { readBytes } from '../../lib/ingest/read-bytes.ts';
import { findOwnerLines } from '../../lib/model/owner-wish.ts';

const TOKEN = '12.owner.1.abcdefghijklmnopqrstuv';

describe('a line of a feed’s owner', () => {
  test.each([
    ['', {}],
    [' display=excerpt', { display: 'excerpt' }],
    [' delay=24h display=link', { delayHours: 24, display: 'link' }],
    [' remove', { remove: true }],
    [' delay=999h', { delayHours: 336 }],
    [' display=nonsense colour=blue', {}],
    [' removed', {}],
    [
      ' withdraw=https://blog.example/a?b=1&c=2 withdraw=javascript:x withdraw=http://b.example/',
      { withdraw: ['https://blog.example/a?b=1&c=2', 'http://b.example/'] },
    ],
  ])('"tagwire:TOKEN%s" asks for that', (words, wish) => {
    expect(findOwnerLines(`Before tagwire:${TOKEN}${words} and more.`)).toEqual([
      { token: TOKEN, wish },
    ]);
  });

  test('is none without a token, and many are cut', () => {
    expect(findOwnerLines('tagwire: display=link, tagwire:x remove')).toEqual([]);
    expect(findOwnerLines(`tagwire:${TOKEN}\n`.repeat(1000))).toHaveLength(20);
  });
});

describe('owners’ lines in a document', () => {
  const line = (words: string) => `tagwire:${TOKEN} ${words}`;
  const linesIn = async (document: string) => {
    const read = await readBytes(new TextEncoder().encode(document), {
      url: 'https://blog.example/feed',
      now: new Date(),
    });
    if (read.kind !== 'read') throw new Error(read.message);
    return read.ownerLines.map((each) => each.wish);
  };
  const rss = (head: string, item = '') =>
    `<rss version="2.0"><channel><title>T</title>${head}<item><title>I</title>${item}</item></channel></rss>`;

  test('stand in comments and in the description', async () => {
    expect(await linesIn(`<!-- ${line('delay=2h')} -->${rss('')}`)).toEqual([{ delayHours: 2 }]);
    expect(await linesIn(rss(`<!--${line('display=link')}-->`))).toEqual([{ display: 'link' }]);
    expect(await linesIn(rss(`<description>A blog. ${line('remove')}</description>`))).toEqual([
      { remove: true },
    ]);
    expect(await linesIn(`${rss('')}<!-- ${line('remove')} -->`)).toEqual([{ remove: true }]);
  });

  test('do not stand in items, where others may write', async () => {
    for (const item of [
      `<!-- ${line('remove')} -->`,
      `<description>${line('remove')}</description>`,
      `<description><![CDATA[<!-- ${line('remove')} -->]]></description>`,
      `<description><p><!-- ${line('remove')} --></p></description>`,
      `<title>${line('remove')}</title>`,
    ]) {
      expect(await linesIn(rss('', item))).toEqual([]);
    }
  });

  test('stand in a field of their own in JSON Feed', async () => {
    const feed = {
      version: 'https://jsonfeed.org/version/1.1',
      title: 'T',
      _tagwire: line('display=excerpt'),
      items: [{ id: '1', content_text: line('remove') }],
    };
    expect(await linesIn(JSON.stringify(feed))).toEqual([{ display: 'excerpt' }]);
  });
});
