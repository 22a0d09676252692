import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRobotsWish } from '../../lib/ingest/robots-wish.ts';
import { joinWishes, metasOf } from '../../lib/model/use-wish.ts';

test('preferences of use are read from the groups for everybody', () => {
  const text = `# Managed by the host
User-agent: *
Content-Signal: search=yes,ai-train=no
Content-Usage: train-ai=n
Allow: /

User-agent: Somebot
Content-Usage: train-ai=y`;
  expect(readRobotsWish(text)).toEqual({
    contentSignal: 'search=yes,ai-train=no',
    contentUsage: 'train-ai=n',
  });
});

test('a preference for a part of a site says nothing of the rest, one for / is for all', () => {
  expect(readRobotsWish('User-agent: *\nContent-Usage: /drafts/ train-ai=n')).toEqual({});
  expect(readRobotsWish('User-agent: *\nContent-Usage: / train-ai=n')).toEqual({
    contentUsage: 'train-ai=n',
  });
});

test('robots that may read nothing are told so, those with one open door are not', () => {
  const text = `User-agent: GPTBot
User-agent: CCBot/2.0
Crawl-delay: 3
Disallow: /

User-agent: Googlebot
Disallow: /
Allow: /blog/

User-agent: Bingbot
Disallow: /private
Disallow:

User-agent: wget
Disallow: /`;
  const words = ['noindex', 'nosnippet', 'noai'];
  expect(readRobotsWish(text)).toEqual({ byRobot: { gptbot: words, ccbot: words } });
  expect(readRobotsWish('user-agent: *\r\ndisallow: /*')).toEqual({ robots: words });
});

test('a web page or rubbish in its place says nothing', () => {
  expect(readRobotsWish('<!doctype html><title>404</title><p>Disallow: /</p>')).toEqual({});
  expect(readRobotsWish('Disallow: /\nContent-Usage: train-ai=n')).toEqual({});
  expect(readRobotsWish('User-agent: *\nContent-Usage: "><script>alert(1)</script>')).toEqual({});
});

test('of any text only words that are safe in a head and a header are taken', () => {
  const line = fc.oneof(
    fc.constantFrom('User-agent: *', 'User-agent: aBot', 'Disallow: /', 'Allow: /x'),
    fc.string().map((text) => `Content-Usage: ${text}`),
    fc.string().map((text) => `User-agent: ${text}`),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      for (const [name, value] of Object.entries(metasOf(readRobotsWish(lines.join('\n'))))) {
        expect(`${name} ${value}`).toMatch(/^[\w -]+ [\w\s*=,;.?-]*$/u);
      }
    }),
  );
});

test('of two places every word for robots holds, and otherwise the nearer one', () => {
  const near = { robots: ['noai'], byRobot: { abot: ['noindex'] }, contentUsage: 'train-ai=n' };
  const far = {
    robots: ['nosnippet', 'noai'],
    byRobot: { abot: ['noai'], bbot: ['noai'] },
    contentUsage: 'train-ai=y',
    contentSignal: 'search=yes',
  };
  expect(joinWishes(near, far)).toEqual({
    robots: ['noai', 'nosnippet'],
    byRobot: { abot: ['noindex', 'noai'], bbot: ['noai'] },
    contentUsage: 'train-ai=n',
    contentSignal: 'search=yes',
  });
  expect(joinWishes({}, {})).toEqual({});
});
