import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parseFragment } from 'parse5';
import { describe, expect, test } from 'vitest';
import { sanitiseHtml, sanitiseMarked, withoutMarks } from '../../../lib/ingest/sanitise.ts';
import { setBody, unsetBody } from '../../../lib/ingest/set-body.ts';

const FOLDER = path.resolve('test/fixtures/bodies');
const PAGE = 'https://blog.example/post';
const NAMES = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.in.html'));

function set(html: string): string {
  const marked = sanitiseMarked(html, PAGE);
  const bare = withoutMarks(marked);
  return setBody(marked, bare, PAGE) ?? bare;
}

test.each(NAMES)('a body is set as its pair says: %s', async (name) => {
  const html = fs.readFileSync(path.join(FOLDER, name), 'utf8');
  await expect(`${set(html)}\n`).toMatchFileSnapshot(
    path.join(FOLDER, name.replace('.in.html', '.out.html')),
  );
});

test.each(NAMES)('a body that is set again loses nothing: %s', (name) => {
  const marked = sanitiseMarked(fs.readFileSync(path.join(FOLDER, name), 'utf8'), PAGE);
  const bare = withoutMarks(marked);
  const shown = setBody(marked, bare, PAGE);
  expect(setBody(unsetBody(shown, bare), bare, PAGE)).toBe(shown);
});

test('what the first rules have set is set again with its language, its notes and its frame', () => {
  const bare =
    '<p>a<sup><a href="#n" rel="nofollow noopener">1</a></sup></p>' +
    '<pre><code class="language-js">const a = 1;</code></pre><p>n</p>';
  const first =
    '<p>a<sup><a href="#n" rel="nofollow noopener">1</a></sup></p>' +
    '<details class="fold"><summary>JavaScript code of 41 lines: show all</summary></details>' +
    '<pre><code><span class="h-k">const</span> a = <span class="h-n">1</span>;</code></pre>' +
    '<p id="n">n</p><a class="embed" href="https://v.example/" rel="nofollow noopener">Open</a>';
  expect(setBody(unsetBody(first, bare), bare, PAGE)).toBe(
    first
      .replace(/<details.*<\/details>/u, '')
      .replace('<pre>', '<pre data-language="JavaScript">'),
  );
});

test('long code is folded behind a line that says how long it is, short code is not', () => {
  const code = (lines: number) => `<pre><code>${'line\n'.repeat(lines)}</code></pre>`;
  expect(set(code(40))).not.toContain('<details');
  expect(set(code(41))).toContain('<summary>Code of 41 lines: show all</summary>');
});

test('a table of numbered code that holds more than code stays, and so does all that follows', () => {
  const table = '<table><tr><td><pre>1</pre></td><td><pre>a</pre>b</td></tr></table>';
  const clean = '<table><tr><td><pre>1</pre></td><td><pre>a</pre></td></tr></table>';
  expect(set(`${table}<p>c</p>${clean}`)).toBe(`${table}<p>c</p><pre>a</pre>`);
  expect(set(table.repeat(9_000)) === table.repeat(9_000)).toBe(true);
});

test.each([
  ['prices', 'It costs $5 or $10, and US$ 3_000 in $-signs.'],
  ['variables of a shell', 'Set $HOME to $PATH_TO_IT, or $A$B.'],
  ['code', '<code>\\(x_1\\)</code> and <kbd>$$a^2$$</kbd>'],
  ['brackets of an expression', 'sed "s/\\[a\\]/b/" and $$'],
])('%s are no formulas', (_, html) => {
  expect(set(`<p>${html}</p>`)).toBe(`<p>${html}</p>`);
});

test('a body of nothing but formulas does not become several times as long', () => {
  expect(set('\\(x\\) '.repeat(50_000)).length).toBeLessThan(500_000);
});

describe('whatever a body holds', () => {
  const pieces = fc.constantFrom(
    '<pre>',
    '</pre>',
    '<pre class="language-js">',
    '<code class="language-xml">',
    '</code>',
    'const a = 1; // b\n',
    '&lt;script&gt;',
    '<a href="#x">',
    '<a id="x">',
    '</a>',
    '<p id="x">',
    '</p>',
    '<iframe src="//youtube.com/embed/abc">',
    '</iframe>',
    '<span class="h-k">',
    '</span>',
    '<b>',
    '</b>',
    '<br>',
    '"',
    '<details><summary>',
    '</details>',
    '<a class="embed" href="https://x.example/">',
    '<table><tr><td><pre>1\n2</pre></td><td><pre>',
    '<code data-code="js">',
    '<pre data-lang="sql">',
    '<div class="language-ruby highlighter-rouge">',
    '<span class="ln">',
    '\\(',
    '\\)',
    '\\[',
    '\\]',
    '$$',
    '\\frac{a}_{b}',
    '<summary>',
    '</summary>',
    '</pre></td></tr></table>',
  );
  const body = fc.array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 30 });

  test('setting it adds and loses no word, and leaves nothing that could run', () => {
    const text = (html: string): string => {
      interface Node {
        nodeName: string;
        value?: string;
        attrs?: { name: string; value: string }[];
        childNodes?: Node[];
      }
      const walk = ({ nodeName, value = '', attrs = [], childNodes = [] }: Node): string => {
        if (nodeName === '#text') return value;
        // What we add: the line of folded code. Bodies have no classes of their own.
        if (nodeName === 'details' && attrs.some((attr) => attr.value === 'fold')) return '';
        return childNodes.map(walk).join('');
      };
      return walk(parseFragment(html) as never).replace(/\s+/gu, '');
    };
    fc.assert(
      fc.property(body, (parts) => {
        const marked = sanitiseMarked(parts.join(''), PAGE);
        const bare = withoutMarks(marked);
        const shown = setBody(marked, bare, PAGE) ?? bare;
        expect(shown).not.toMatch(/<(script|iframe|style|svg|object|form)\b/iu);
        expect(shown).not.toMatch(/<[a-z][^<>]*\son\w+=/iu);
        const isCodeInCode = /<pre[^<>]*>(?:(?!<\/pre>)[\s\S])*<pre/u.test(bare);
        if (!isCodeInCode) expect(setBody(unsetBody(shown, bare), bare, PAGE) ?? bare).toBe(shown);
        const isWithoutFrames = !marked.includes('class="embed"');
        const isWithoutNumbers = !bare.includes('<td');
        if (isWithoutFrames && isWithoutNumbers) expect(text(shown)).toBe(text(bare));
      }),
      {
        numRuns: 300,
        examples: [
          // A break alone between the signs is no formula.
          [['<code>', '\\[', '<br>', '\\]', '</code>']],
          [['\\[', '<br>', '\\]']],
          // A summary of the body's own, which is one formula.
          [['<summary>', '\\[', '\\A', 'A', '\\]', ' ']],
        ],
      },
    );
  });

  test('what programs get is as if nothing had been marked', () => {
    fc.assert(
      fc.property(body, (parts) => {
        const bare = sanitiseHtml(parts.join(''), PAGE);
        expect(bare).not.toMatch(/<[a-z][^<>]* (id|class="embed")/u);
        expect(sanitiseHtml(bare, PAGE)).toBe(bare);
      }),
      { numRuns: 300 },
    );
  });

  test('it takes time in proportion to its length', () => {
    for (const part of [
      '<pre>',
      '<a href="#x">',
      '<p id="x">',
      '<iframe src=x>',
      '"<<',
      '<table><tr><td><pre>1',
      '// "',
      '/*',
      '\\( ',
      '\\[ \\[ \\[ \\]',
      '\\begin{align}',
      '$$x',
      '$a_b ',
      '$latex ',
    ])
      expect(set(part.repeat(100_000 / part.length)).length).toBeGreaterThan(-1);
    expect(set(`<pre class="language-js">${'const a = "b";\n'.repeat(60_000)}</pre>`)).toContain(
      '<details',
    );
  });
});
