import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitNesting, NESTING_MAX } from '../../../lib/ingest/nesting.ts';
import { htmlToText } from '../../../lib/ingest/plain-text.ts';
import { sanitiseHtml } from '../../../lib/ingest/sanitise.ts';

const BASE = 'https://kernel.example/2026/post.html';
const clean = (html: string) => sanitiseHtml(html, BASE);

describe('sanitising', () => {
  test('makes links and pictures absolute', () => {
    expect(clean('<a href="../a" onclick="x()">a</a> <img src="b.png" alt="B" width="20px">')).toBe(
      '<a href="https://kernel.example/a" rel="nofollow noopener">a</a> ' +
        '<img src="https://kernel.example/2026/b.png" alt="B" width="20" loading="lazy" />',
    );
  });

  test('keeps the language of code and no other class', () => {
    expect(clean('<pre class="big"><code class="hljs language-c++">int i;</code></pre>')).toBe(
      '<pre><code class="language-c++">int i;</code></pre>',
    );
    expect(clean('<p class="x" style="color:red" id="body">p</p>')).toBe('<p>p</p>');
  });

  test.each([
    ['<script>evil()</script>after', 'after'],
    ['<script src="x"/>after', 'after'],
    ['<iframe src="https://evil.example/"></iframe>after', 'after'],
    ['<svg onload="evil()"><a href="javascript:evil()">x</a></svg>', '<a>x</a>'],
    ['<math><mtext><style>x</style></mtext></math>', ''],
    ['<a href=" java\nscript:evil()">x</a>', '<a>x</a>'],
    ['<a href="data:text/html,x">x</a>', '<a>x</a>'],
    ['<img src="x" width="1" height="1">', ''],
    ['<img src="javascript:evil()">', ''],
    ['<form action="/x"><input name="a"><button>Go</button></form>', 'Go'],
  ])('%s', (html, expected) => {
    expect(clean(html)).toBe(expected);
  });

  test('a picture that a script would load is loaded', () => {
    expect(clean('<img data-src="/lazy.png">')).toContain('https://kernel.example/lazy.png');
  });

  const html = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '<p>',
          '</p>',
          '<a href="',
          '">',
          '<img src=x onerror=y>',
          '<script>',
          '</script>',
          '<svg>',
          '<style>',
          '<!--',
          '-->',
          '<table><td>',
          '<b',
          '&lt;',
          '&amp;lt;',
          "'",
          '<textarea>',
          '<code class="language-js">',
          '<li>',
          'javascript:',
        ),
        fc.string({ maxLength: 5 }),
      ),
    )
    .map((parts) => parts.join(''));

  test('twice is once', () => {
    fc.assert(
      fc.property(html, (given) => {
        expect(clean(clean(given))).toBe(clean(given));
      }),
    );
  });

  test('paragraphs inside SVG and MathML end as they would outside', () => {
    expect(clean('<p>a<svg><p>b</svg>')).toBe('<p>a</p><p>b</p>');
    expect(clean('<p>a<math><mi>x<p>b</math>')).toBe('<p>axb</p>');
    expect(clean('<p><math><mi>x</mi></math> is a number</p>')).toBe('<p>x is a number</p>');
    expect(clean('<p>a<math><mi>x</mi><p>b<p>c')).toBe('<p>ax</p><p>b</p><p>c</p>');
  });

  test('nothing that runs comes through', () => {
    fc.assert(
      fc.property(html, (given) => {
        expect(clean(given)).not.toMatch(/<(script|style|svg|iframe|textarea)|<[^>]*\son\w+=/iu);
        expect(clean(given)).not.toMatch(/(href|src)="\s*javascript:/iu);
      }),
    );
  });
});

describe('nesting', () => {
  test('is left alone where it is honest', () => {
    const honest = '<ul><li>a<li>b<p>c<p>d</ul><br><img src="x">';
    expect(limitNesting(honest)).toBe(honest);
  });

  test('is cut where it is absurd, and the text is kept', () => {
    const flat = limitNesting(`${'<div>'.repeat(100_000)}text${'</div>'.repeat(100_000)}`);
    expect(flat.match(/<div>/gu)).toHaveLength(NESTING_MAX);
    expect(htmlToText(flat)).toBe('text');
  });

  test('end tags that end nothing are left out', () => {
    expect(limitNesting('<div>a</span></b>c</div>')).toBe('<div>ac</div>');
  });
});
