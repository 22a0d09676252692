import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metasOf, readUseWish, writeUseWish } from '../../lib/model/use-wish.ts';

const robotsTag = (text: string) => readUseWish({ 'x-robots-tag': text });

test('directives for everybody are kept, those about links and dates are not', () => {
  expect(robotsTag('NoAI, noimageai, max-snippet: 20, nofollow, follow, all')).toEqual({
    robots: ['noai', 'noimageai', 'max-snippet:20'],
  });
  expect(robotsTag('none')).toEqual({ robots: ['noindex'] });
  expect(robotsTag('unavailable_after: Fri, 25 Jun 2027 15:00:00 GMT')).toEqual({});
});

test('a robot’s name holds to the end of its line, and to the next name', () => {
  expect(robotsTag('googlebot: noindex, noarchive\nnosnippet')).toEqual({
    robots: ['nosnippet'],
    byRobot: { googlebot: ['noindex', 'noarchive'] },
  });
  expect(robotsTag('noai, GPTBot: noindex, CCBot : nosnippet, noai')).toEqual({
    robots: ['noai'],
    byRobot: { gptbot: ['noindex'], ccbot: ['nosnippet', 'noai'] },
  });
});

test('a name that would mean something else on a page is not taken, nor are its words', () => {
  expect(robotsTag('viewport: noindex, noai\nreferrer: noai')).toEqual({});
  expect(robotsTag('constructor: noai\n__proto__: noai')).toEqual({});
});

test('reservations and usage are read from headers of their own', () => {
  const headers = {
    'tdm-reservation': '1',
    'tdm-policy': 'https://a.example/terms?a=1&b="2"',
    'content-usage': 'train-ai=n, search=y',
    'content-signal': 'ai-train=no',
  };
  expect(readUseWish(headers)).toEqual({
    tdm: { policyUrl: 'https://a.example/terms?a=1&b=%222%22' },
    contentUsage: 'train-ai=n, search=y',
    contentSignal: 'ai-train=no',
  });
  expect(readUseWish({ ...headers, 'tdm-reservation': '0' })).not.toHaveProperty('tdm');
  expect(readUseWish({ 'tdm-reservation': '1', 'tdm-policy': 'javascript:1' })).toEqual({
    tdm: {},
  });
  expect(readUseWish({ 'content-usage': '"><script>' })).toEqual({});
});

test('a page adds its own words, for named robots too', () => {
  const wish = robotsTag('noai\ngooglebot: nosnippet');
  expect(metasOf(wish, ['noindex', 'follow'])).toEqual({
    robots: 'noindex, follow, noai',
    googlebot: 'noindex, follow, noai, nosnippet',
  });
  expect(metasOf({})).toEqual({});
});

test('what is written is read again as the same, whatever a server sent', () => {
  const word = fc.constantFrom(
    'noai',
    'none',
    'gptbot:',
    'x bot: noai',
    'max-snippet:3',
    ',',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }), (words) => {
      const wish = robotsTag(words.join(' '));
      const lines = writeUseWish(wish).map((line) => line.replace('X-Robots-Tag: ', ''));
      expect(robotsTag(lines.join('\n'))).toEqual(wish);
    }),
  );
});
