import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FetchAnswer, FetchRequest } from '../../../lib/fetch/client.ts';
import { RobotsTexts, readRobots } from '../../../lib/fetch/robots.ts';
import { ROBOTS_BYTES_MAX } from '../../../lib/model/fetch-policy.ts';

const HOST = 'https://pond.example';

/** Which of the paths a robots.txt lets us read. */
const open = (text: string | string[], ...paths: string[]) => {
  const rules = readRobots([text].flat().join('\n'), `${HOST}/robots.txt`);
  return paths.filter((path) => rules.allows(HOST + path));
};

describe('robots.txt', () => {
  test('without a word allows everything', () => {
    expect(open('', '/', '/feed')).toEqual(['/', '/feed']);
    expect(open('<!doctype html><p>Not found</p>', '/')).toEqual(['/']);
  });

  test('speaks to our product token in any case, else to all', () => {
    const all = ['User-agent: *', 'Disallow: /a'];
    expect(open(all, '/a', '/b')).toEqual(['/b']);
    const ours = [...all, 'User-Agent: TAGWIRE', 'Disallow: /b'];
    expect(open(ours, '/a', '/b')).toEqual(['/a']);
    expect(open([...all, 'User-agent: Tagwire/0.1', 'Disallow: /b'], '/a', '/b')).toEqual(['/a']);
    expect(open([...all, 'User-agent: Tagwirebot', 'Disallow: /b'], '/a', '/b')).toEqual(['/b']);
    expect(open([...all, 'User-agent: tagwire'], '/a', '/b')).toEqual(['/a', '/b']);
  });

  // RFC 9309, 2.2.1: groups of one name are one.
  test('may have several groups for a name, and several names for a group', () => {
    const text = [
      'user-agent: other',
      'user-agent: tagwire',
      'disallow: /a',
      '',
      'user-agent: tagwire',
      'disallow: /b',
      'user-agent: other',
      'disallow: /c',
    ];
    expect(open(text, '/a', '/b', '/c')).toEqual(['/c']);
  });

  // RFC 9309, 2.2.4: other records do not end a group.
  test('may have other records anywhere', () => {
    const text = [
      'User-agent: Tagwire',
      'Sitemap: https://pond.example/sitemap.xml',
      'Crawl-delay: 10',
      'User-agent: other',
      'Disallow: /a',
    ];
    expect(open(text, '/a', '/b')).toEqual(['/b']);
  });

  // RFC 9309, 2.2.2 and the example of 5.2: the most octets win, and allow on a tie.
  test('is decided by its longest rule', () => {
    const text = [
      'User-agent: *',
      'Allow: /example/page/',
      'Disallow: /example/page/disallowed.gif',
    ];
    expect(open(text, '/example/page/', '/example/page/disallowed.gif')).toEqual([
      '/example/page/',
    ]);
    expect(open(['User-agent: *', 'Disallow: /a', 'Allow: /a'], '/a')).toEqual(['/a']);
  });

  test('knows wildcards and ends', () => {
    const text = ['User-agent: *', 'Disallow: /*.php$', 'Disallow: /private*/x', 'Disallow: /**b'];
    const paths = ['/a.php', '/a.php5', '/private/x', '/privates/y/x', '/private', '/aab'];
    expect(open(text, ...paths)).toEqual(['/a.php5', '/private']);
  });

  test('has ends that match exactly the end of path and query', () => {
    const html = ['User-agent: *', 'Disallow: /*.html$'];
    const paths = ['/a.html', '/b/a.html?', '/a.html#x', '/x.html.html', '/c?d=.html'];
    const others = ['/a.html?page=2', '/a.htmlx', '/a.html/', '/a.html.txt', '/html', '/a.html$'];
    expect(open(html, ...paths, ...others)).toEqual(others);
    expect(open(['User-agent: *', 'Disallow: /a?b=1$'], '/a?b=1', '/a?b=12', '/a')).toEqual([
      '/a?b=12',
      '/a',
    ]);
    expect(open(['User-agent: *', 'Disallow: /$'], '/', '/?a', '/a')).toEqual(['/?a', '/a']);
    expect(open(['User-agent: *', 'Disallow: /*$'], '/', '/a?b')).toEqual([]);
    const allowed = ['User-agent: *', 'Disallow: /', 'Allow: /posts/*.html$'];
    expect(open(allowed, '/posts/a.html', '/posts/a.html?x', '/b.html')).toEqual(['/posts/a.html']);
  });

  // RFC 9309, 2.2.3: what is special in a pattern is meant as itself when it is encoded.
  test('may name the special characters themselves', () => {
    const dollar = ['User-agent: *', 'Disallow: /a%24', 'Disallow: /b$c'];
    expect(open(dollar, '/a$', '/a%24b', '/b$c', '/a', '/b')).toEqual(['/a', '/b']);
    expect(open(['User-agent: *', 'Disallow: /a%2A'], '/a*b', '/a%2Ab', '/ab')).toEqual(['/ab']);
  });

  // RFC 9309, 2.2.2, the table of encodings.
  test('compares octets, however they are written', () => {
    const closed = (pattern: string, path: string) =>
      open(['User-agent: *', `Disallow: ${pattern}`], path).length === 0;
    expect(closed('/foo/bar?baz=quz', '/foo/bar?baz=quz')).toBe(true);
    expect(closed('/foo/bar?baz=https://foo.bar', '/foo/bar?baz=https://foo.bar')).toBe(true);
    expect(closed('/foo/bar/ツ', '/foo/bar/%E3%83%84')).toBe(true);
    expect(closed('/foo/bar/%E3%83%84', '/foo/bar/%e3%83%84')).toBe(true);
    expect(closed('/foo/bar/%62%61%7A', '/foo/bar/baz')).toBe(true);
    expect(closed('/~ada', '/%7Eada')).toBe(true);
    expect(closed('/a[1]|b', '/a[1]|b')).toBe(true);
    expect(closed('/a%2Fb', '/a/b')).toBe(false);
  });

  test('may have comments, a byte order mark and any line ends', () => {
    const text = '\ufeffUser-agent: * # all\r\nDisallow: /a # not this\rDisallow: /b\n';
    expect(open(text, '/a', '/b', '/c')).toEqual(['/c']);
  });

  test('is of one host only', () => {
    const rules = readRobots('', `${HOST}/robots.txt`);
    expect(rules.allows('https://other.example/')).toBe(false);
  });

  test('never throws, and its rules never weigh more than the text', () => {
    const line = fc.oneof(
      fc.string(),
      fc
        .tuple(fc.constantFrom('User-agent', 'Allow', 'DISALLOW'), fc.string())
        .map((parts) => parts.join(': ')),
      fc.constantFrom('User-agent: *', 'Disallow: /%', 'Disallow: /\ud800', 'Allow: $'),
    );
    fc.assert(
      fc.property(fc.array(line), fc.webUrl(), (lines, url) => {
        const text = lines.join('\n');
        const rules = readRobots(text, `${new URL(url).origin}/robots.txt`);
        expect(typeof rules.allows(url)).toBe('boolean');
        // A group that ends without a rule gets one.
        expect(rules.characters).toBeLessThanOrEqual(3 * text.length + 20);
      }),
    );
  });
});

describe('a hostile robots.txt', () => {
  const fill = (unit: (n: number) => string) => {
    let text = '';
    for (let n = 0; text.length < ROBOTS_BYTES_MAX; n++) text += unit(n);
    return text.slice(0, ROBOTS_BYTES_MAX);
  };
  const path = `/${'a'.repeat(2000)}`;

  // Each of these would take minutes, or all memory, were it read as it stands.
  test.each([
    ['of one pattern that is all wildcards', `User-agent: *\nDisallow: /${fill(() => '*a')}`],
    ['of many patterns with wildcards', `User-agent: *\n${fill(() => 'Disallow: *a*a*a*ab\n')}`],
    [
      'of many names for many rules',
      fill((n) => (n < 10_000 ? `User-agent: robot${n}\n` : 'Disallow: /\n')),
    ],
    ['of one name many times', fill((n) => (n < 10_000 ? 'User-agent: *\n' : 'Disallow: /b\n'))],
    ['of blanks', `User-agent:${fill(() => ' ')}`],
    ['of line ends', fill(() => '\r')],
    ['of long rules', `User-agent: *\n${fill((n) => `Disallow: ${path}${n}\n`)}`],
  ])('%s is read in no time', (_, text) => {
    expect(typeof readRobots(text, `${HOST}/robots.txt`).allows(HOST + path)).toBe('boolean');
  });

  test('that is too dear to compare lets nothing be read', () => {
    expect(open(`User-agent: *\n${fill(() => 'Disallow: /*x\n')}`, path)).toEqual([]);
  });
});

describe('the memory of robots.txt', () => {
  const exchange = {
    requests: 1,
    status: 200,
    isConditional: false,
    wireBytes: 0,
    bodyBytes: 0,
    ms: 1,
  };
  const answered = (status: number, text = ''): FetchAnswer => ({
    kind: 'answered',
    status,
    headers: {},
    body: new TextEncoder().encode(text),
    finalUrl: '',
    movedPermanently: false,
    exchange,
  });
  const failed = (error: 'dns' | 'timeout' | 'blocked' | 'too-many-redirects'): FetchAnswer => ({
    kind: 'failed',
    error,
    message: 'why',
    exchange,
  });

  /** A memory over a network that answers so, with its clock and what it was asked. */
  function remember(answer: FetchAnswer | (() => Promise<FetchAnswer>)) {
    const asked: FetchRequest[] = [];
    const clock = { ms: 0 };
    const texts = new RobotsTexts(
      async (wanted) => {
        asked.push(wanted);
        return typeof answer === 'function' ? answer() : answer;
      },
      () => clock.ms,
    );
    const isOpen = async (path = '/a') => (await texts.check(HOST + path)).allowed;
    return { texts, asked, clock, isOpen };
  }

  test('asks a host once a day', async () => {
    const { asked, clock, isOpen } = remember(answered(200, 'User-agent: *\nDisallow: /a'));
    expect([await isOpen('/a'), await isOpen('/b')]).toEqual([false, true]);
    await Promise.all([isOpen(), isOpen()]);
    expect(asked).toMatchObject([{ url: `${HOST}/robots.txt`, cutsBody: true }]);
    clock.ms = 24 * 3_600_000 - 1;
    await isOpen();
    expect(asked).toHaveLength(1);
    clock.ms += 1;
    await isOpen();
    expect(asked).toHaveLength(2);
  });

  // RFC 9309, 2.3.1.
  test.each([
    ['404', answered(404), true],
    ['403', answered(403), true],
    ['too many redirects', failed('too-many-redirects'), true],
    ['500', answered(500), false],
    ['503', answered(503), false],
    ['429, a wish for fewer requests', answered(429), false],
    ['no name', failed('dns'), false],
    ['no answer', failed('timeout'), false],
    ['an address that is not fetched', failed('blocked'), false],
  ])('knows what %s means', async (_, answer, isAllowed) => {
    expect(await remember(answer).isOpen()).toBe(isAllowed);
  });

  test('asks again after an hour where it was not answered', async () => {
    const { asked, clock, isOpen } = remember(answered(500));
    await isOpen();
    clock.ms = 3_599_999;
    await isOpen();
    expect(asked).toHaveLength(1);
    clock.ms = 3_600_000;
    await isOpen();
    expect(asked).toHaveLength(2);
  });

  test('forgets what was called off', async () => {
    const { asked, isOpen } = remember(() => Promise.reject(new Error('called off')));
    await expect(isOpen()).rejects.toThrow('called off');
    await expect(isOpen()).rejects.toThrow('called off');
    expect(asked).toHaveLength(2);
  });

  test('has room for a limited number of hosts and of rules', async () => {
    const small = remember(answered(404)).texts;
    for (let n = 0; n < 600; n++) await small.check(`https://h${n}.example/`);
    expect(small.hosts).toBe(500);
    const text = `User-agent: *\n${`Disallow: /${'x'.repeat(1000)}\n`.repeat(450)}`;
    const { texts, asked } = remember(answered(200, text));
    for (let n = 0; n < 20; n++) await texts.check(`https://h${n}.example/`);
    expect(texts.hosts).toBeLessThan(12);
    await texts.check('https://h19.example/');
    expect(asked).toHaveLength(20);
  });
});
