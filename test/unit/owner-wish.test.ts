import { describe, expect, test } from 'vitest';
import { readBytes } from '../../lib/ingest/read-bytes.ts';
import {
  findOwnerLines,
  mergeOwnerLines,
  OWNER_TEXT_CHARACTERS_MAX,
} from '../../lib/model/owner-wish.ts';

const TOKEN = '12.owner.1.abcdefghijklmnopqrstuv';

describe('a line of a feed’s owner', () => {
  const read = (words: string) => {
    const [line] = findOwnerLines([`Before tagwire:${TOKEN}${words}`]);
    return { wish: line?.wish, faults: line?.faults.map(({ word }) => word) };
  };

  test.each([
    ['', {}],
    [' display=excerpt', { display: 'excerpt' }],
    [' delay=24h display=link', { delayHours: 24, display: 'link' }],
    ['\n  display=excerpt delay=24h\n', { delayHours: 24, display: 'excerpt' }],
    [' display=excerpt, delay=24h', { delayHours: 24, display: 'excerpt' }],
    [',\tdisplay=excerpt,delay=24h,', { delayHours: 24, display: 'excerpt' }],
    ['<br>display=excerpt&nbsp;delay=1d</p>', { delayHours: 24, display: 'excerpt' }],
    [' Display=Excerpt', { display: 'excerpt' }],
    [' delay=2d', { delayHours: 48 }],
    [' remove', { remove: true }],
    [' remove, ', { remove: true }],
    [' remove --> and more', { remove: true }],
    [' delay=999h', { delayHours: 336 }],
    [' delay=0h', { delayHours: 0 }],
    [' display=link display=excerpt', { display: 'excerpt' }],
    [
      ' withdraw=https://blog.example/a?b=1&c=2 withdraw=http://b.example/?b=1&amp;c=2',
      { withdraw: ['https://blog.example/a?b=1&c=2', 'http://b.example/?b=1&c=2'] },
    ],
    [
      ' withdraw=https://blog.example/a,b.html, withdraw=https://blog.example/#item-1',
      { withdraw: ['https://blog.example/a,b.html', 'https://blog.example/#item-1'] },
    ],
  ])('"tagwire:TOKEN%s" asks for that', (words, wish) => {
    expect(read(words)).toEqual({ wish, faults: [] });
  });

  test.each([
    [' remove-me-not', ['remove-me-not']],
    [' removed', ['removed']],
    [' remove me', ['me', 'remove']],
    [' remove display=excerpt', ['remove']],
    [' display=excerpt delay=2w', ['delay=2w']],
    [' display=nonsense colour=blue', ['display=nonsense', 'colour=blue']],
    [' display = excerpt', ['display', '=', 'excerpt']],
    [' withdraw=javascript:x', ['withdraw=javascript:x']],
    [' withdraw="https://blog.example/a"', ['withdraw="https://blog.example/a"']],
    [' withdraw=https://a.example/1,https://a.example/2', ['https://a.example/2']],
    [' display=excerpt and more.', ['and', 'more.']],
    [';display=link', [';display=link']],
  ])('"tagwire:TOKEN%s" is not understood, and asks for nothing', (words, faults) => {
    expect(read(words)).toEqual({ wish: {}, faults });
  });

  test('says what would be right', () => {
    const [line] = findOwnerLines([`tagwire:${TOKEN} delay=2w`]);
    expect(line?.faults).toEqual([{ word: 'delay=2w', right: expect.stringContaining('2d') }]);
  });

  test('is none without a token, and many are cut', () => {
    expect(findOwnerLines(['tagwire: display=link, tagwire:x remove', undefined])).toEqual([]);
    expect(findOwnerLines([`tagwire:${TOKEN}\n`.repeat(1000)])).toHaveLength(50);
  });

  test('may withdraw fifty posts, and one more is not understood', () => {
    const withdraw = (count: number) =>
      Array.from({ length: count }, (_, i) => ` withdraw=https://blog.example/${i}`).join('');
    expect(read(withdraw(50)).wish?.withdraw).toHaveLength(50);
    expect(read(withdraw(51))).toEqual({ wish: {}, faults: ['withdraw=https://blog.example/50'] });
  });
});

describe('several lines of one owner', () => {
  const merged = (...lines: string[]) =>
    mergeOwnerLines(findOwnerLines(lines.map((words) => `tagwire:${TOKEN} ${words}`)));

  test('are merged: later words win, withdrawals add up', () => {
    expect(
      merged(
        'display=excerpt delay=3h',
        'withdraw=https://a.example/1',
        'display=link withdraw=https://a.example/2 withdraw=https://a.example/1',
        '',
      ),
    ).toEqual({
      wish: {
        display: 'link',
        delayHours: 3,
        withdraw: ['https://a.example/1', 'https://a.example/2'],
      },
      faults: [],
    });
  });

  test('stand for themselves where one is not understood', () => {
    expect(merged('display=excerpt', 'delay=soon remove')).toMatchObject({
      wish: { display: 'excerpt' },
      faults: [{ word: 'delay=soon' }, { word: 'remove' }],
    });
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

  test('of fifty long addresses fit into a comment, and a longer one is left alone as a whole', async () => {
    const address = (i: number) => `https://blog.example/${i}/${'x'.repeat(2_020)}`;
    const words = Array.from({ length: 50 }, (_, i) => `withdraw=${address(i)}`).join(' ');
    const [wish] = await linesIn(`<!-- ${line(words)} -->${rss('')}`);
    expect(wish?.withdraw).toHaveLength(50);
    expect(wish?.withdraw?.at(-1)).toBe(address(49));
    const long = `${line('display=link')} ${' '.repeat(OWNER_TEXT_CHARACTERS_MAX)} delay=2h`;
    expect(await linesIn(`<!-- ${long} -->${rss('')}`)).toEqual([{}]);
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
