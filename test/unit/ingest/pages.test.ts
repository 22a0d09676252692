import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isExcerpt, withoutCutMark } from '../../../lib/ingest/excerpt.ts';
import { extractPage } from '../../../lib/ingest/extract-page.ts';
import { judgeText } from '../../../lib/ingest/judge-text.ts';
import { closeReadThreads } from '../../../lib/ingest/read-feed.ts';
import { readPage } from '../../../lib/ingest/read-page.ts';
import { findNo, reducePage } from '../../../lib/ingest/reduce-page.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/pages');
const PAGES = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.html'));
const read = (file: string) => fs.readFileSync(path.join(FOLDER, file));

afterAll(closeReadThreads);

describe('pages as the wire brings them, and the text that we take from them', () => {
  test('there are pairs', () => {
    expect(PAGES.length).toBeGreaterThan(5);
  });

  test.each(PAGES)('%s', (file) => {
    const { post, reading } = JSON.parse(read(file.replace('.html', '.expected.json')).toString());
    const found = extractPage(read(file), { url: 'https://well.example/2026/pump', post });
    expect(found).toMatchObject(reading);
  });
});

const FULL = fs.readFileSync(path.join(FOLDER, 'blog.html'), 'utf8');
const POST = {
  title: 'The pump in the cellar',
  text: 'The old pump in the cellar had run for eleven years when it began to hum.',
};
const extract = (html: string, post = POST) =>
  extractPage(new TextEncoder().encode(html), { url: 'https://well.example/', post });

describe('a page that asks not to be read on', () => {
  test.each([
    'noindex',
    'NOINDEX, nofollow',
    'none',
    'nosnippet',
    'noarchive',
    'noai, noimageai',
    'max-snippet:0',
  ])('says %s', (words) => {
    const page = FULL.replace('</head>', `<meta name="robots" content="${words}"></head>`);
    expect(extract(page)).toMatchObject({ kind: 'refused', reason: 'asked-not' });
    expect(findNo(words)).toBeDefined();
  });

  test('may say so to us alone, or to others', () => {
    const to = (name: string) => `<meta content="noindex" name="${name}"></head>`;
    expect(extract(FULL.replace('</head>', to('Tagwire'))).kind).toBe('refused');
    expect(extract(FULL.replace('</head>', to('googlebot'))).kind).toBe('text');
  });

  test('does not with other words', () => {
    const words =
      'index, nofollow, noimageindex, max-snippet:-1, max-snippet:01, max-image-preview:none';
    expect(findNo(words)).toBeUndefined();
    expect(findNo('unicorn: noindex')).toBe('noindex');
  });
});

test('what is taken from a page is sanitised like any body', () => {
  const bad = `<p onclick="x()">Careful <a href="javascript:alert(1)">link</a> here, with many words
    in it <img src="/a.png" onerror="x()" style="color:red"><iframe src="//x.example"></iframe></p>
    <p>Also <svg><script>alert(1)</script></svg><b id="x" class="y">bold</b> words, here.</p>`;
  const reading = extract(FULL.replace('<pre', `${bad}<pre`));
  const html = reading.kind === 'text' ? reading.html : '';
  expect(html).toContain('<b>bold</b>');
  expect(html).not.toMatch(/onclick|onerror|javascript|<iframe|<script|<svg|style=|id=/u);
});

describe('a relative address', () => {
  test('is joined to the page’s base, else to the page', () => {
    const based = FULL.replace('<head>', '<head><base href="/old/">');
    expect(extract(based)).toMatchObject({
      html: expect.stringContaining('src="https://well.example/old/pump.jpg"'),
    });
  });
});

describe('an item', () => {
  const of = (text: string, item: { link?: string; content?: string } = {}) =>
    isExcerpt(
      { link: 'https://well.example/', ...item },
      { text, wordCount: text.split(' ').length },
    );
  const words = (count: number) => 'word '.repeat(count).trim();

  test('without content is an excerpt while its summary is short', () => {
    expect(of(words(20))).toBe(true);
    expect(of('')).toBe(true);
    expect(of(words(300))).toBe(false);
  });

  test('with content is one only when that breaks off', () => {
    const content = 'given';
    expect(of(words(20), { content })).toBe(false);
    for (const end of [
      '…',
      ' [...]',
      ' [&#8230;]'.replace('&#8230;', '…'),
      '\nContinue reading →',
    ]) {
      expect(of(words(20) + end, { content })).toBe(true);
    }
    expect(of(`${words(600)}…`, { content })).toBe(false);
    expect(of(`${words(9)}\nThe post Pumps appeared first on Wet Notes.`, { content })).toBe(true);
  });

  test('without an address has no page', () => {
    expect(isExcerpt({}, { text: 'Short…', wordCount: 1 })).toBe(false);
  });

  test('loses the marks of its end, however many', () => {
    expect(withoutCutMark('It hums […]\nThe post Pumps appeared first on Wet Notes.')).toBe(
      'It hums',
    );
    expect(withoutCutMark('It hums. Read more »')).toBe('It hums.');
    expect(withoutCutMark('I read more than you.')).toBe('I read more than you.');
  });
});

describe('a text', () => {
  const long = `${POST.text} ${'It went on humming through the winter. '.repeat(20)}`;
  const judge = (text: string, post = POST) => judgeText(post, { text, titles: '' });

  test('is the post’s when it has the excerpt’s words and more', () => {
    expect(judge(long)).toEqual({ isThePost: true });
    expect(judge(POST.text)).toMatchObject({ reason: 'not-longer' });
    expect(judge('Something else altogether. '.repeat(50))).toMatchObject({
      reason: 'not-the-post',
    });
  });

  test('is known by its title when the excerpt says nothing', () => {
    const empty = { title: 'The pump in the cellar', text: '' };
    expect(judge(long, empty)).toEqual({ isThePost: true });
    expect(judge('We use cookies. '.repeat(50), empty)).toMatchObject({ reason: 'not-the-post' });
  });

  test('is compared by neighbouring characters where words have no spaces', () => {
    const post = { title: '地下室的水泵', text: '地下室的旧水泵运转了十一年以后开始嗡嗡作响。' };
    const rest = '三月我们把它拆开了叶轮后面是一层灰色的泥。'.repeat(10);
    expect(judge(post.text + rest, post)).toEqual({ isThePost: true });
    expect(judge(rest, post)).toMatchObject({ reason: 'not-the-post' });
  });

  test('that ends by asking for money is a stub, unless it is long', () => {
    const wall = 'Already a subscriber? Sign in to continue reading this story.';
    expect(judge(`${long} ${wall}`)).toMatchObject({ reason: 'paywall' });
    expect(judge(`${long} ${'More of it follows here. '.repeat(300)} ${wall}`).isThePost).toBe(
      true,
    );
  });
});

const BYTES_MAX = 8 * 1024 * 1024;
const filled = (unit: string, bytes: number) => unit.repeat(Math.floor(bytes / unit.length));

describe('a hostile page', () => {
  test.each([
    '<div>',
    '<ul><li>',
    '<b><i>',
    '<table><tr><td>',
    '<a href=x>',
    '<',
    '<!--',
    '<script>',
    '&amp;&#60;',
    '</div>',
    '<p a b c d e f g>',
  ])(
    'of nothing but %s comes to an end, as large as it may be and as large as is read',
    async (unit) => {
      for (const bytes of [BYTES_MAX, 2_400_000]) {
        const page = new TextEncoder().encode(filled(unit, bytes));
        const reading = await readPage(page, { url: 'https://well.example/', post: POST });
        expect(reading.kind).toBe('refused');
      }
    },
  );

  test('does not hide what follows by an end tag in a script', () => {
    const page = reducePage('<div><p>One<script>w("</p></div>")</script>Two</p></div><p>Three');
    expect(page).toMatchObject({ html: '<div><p>OneTwo</p></div><p>Three</p>' });
  });
});
