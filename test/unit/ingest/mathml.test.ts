import fc from 'fast-check';
import { parseFragment, serialize } from 'parse5';
import { describe, expect, test } from 'vitest';
import { MATH_TAGS } from '../../../lib/ingest/mathml.ts';
import { htmlToText } from '../../../lib/ingest/plain-text.ts';
import { sanitiseHtml, sanitiseMarked } from '../../../lib/ingest/sanitise.ts';

const MATHML = 'http://www.w3.org/1998/Math/MathML';
const PAGE = 'https://blog.example/post';
const clean = (html: string) => sanitiseMarked(html, PAGE);

interface Node {
  tagName?: string;
  namespaceURI?: string;
  attrs?: { name: string; value: string }[];
  childNodes?: Node[];
}

/** Fails unless a browser's parser finds in `html` what the sanitiser meant, and nothing to run. */
function expectHarmless(html: string): void {
  const tree = parseFragment(html);
  // What mutates from one parsing to the next is what these attacks live by.
  expect(serialize(parseFragment(serialize(tree)))).toBe(serialize(tree));
  const walk = ({ tagName = '', namespaceURI, attrs = [], childNodes = [] }: Node) => {
    expect(tagName).not.toMatch(
      /^(script|style|iframe|svg|object|embed|form|input|textarea|title|template|noscript|mglyph|malignmark|maction|annotation(-xml)?|semantics)$/u,
    );
    if (tagName !== '' && MATH_TAGS.includes(tagName)) expect(namespaceURI).toBe(MATHML);
    if (namespaceURI === MATHML) {
      expect(MATH_TAGS).toContain(tagName);
      const isToken = /^(mi|mn|mo|ms|mtext)$/u.test(tagName);
      if (isToken) expect(childNodes.every((child) => child.tagName === undefined)).toBe(true);
      for (const child of childNodes) {
        if (child.tagName !== undefined) expect(child.namespaceURI).toBe(MATHML);
      }
    }
    for (const { name, value } of attrs) {
      expect(name).not.toMatch(/^(on|style|srcdoc|formaction|action|xlink)/iu);
      expect(value).not.toMatch(/^\s*(javascript|data|vbscript):/iu);
      if (namespaceURI === MATHML) expect(name).not.toMatch(/href|src|class|^id$/u);
    }
    childNodes.forEach(walk);
  };
  walk(tree as Node);
}

describe('formulas that are meant to do harm', () => {
  test.each([
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
    '<math><mtext><table><mglyph><style><math></table><img src onerror=x></style></mglyph></mtext></math>',
    '<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><style><a title="</style><img src onerror=alert(1)>">',
    '<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml><mi>k</mi></math>',
    '<math><annotation-xml encoding="application/xhtml+xml"><script>alert(1)</script></annotation-xml></math>',
    '<math><maction actiontype="statusline#https://x.example" xlink:href="javascript:alert(1)">a</maction></math>',
    '<math href="javascript:alert(1)"><mi href="javascript:alert(1)" xlink:href="x" onclick="x()" style="x" class="x" id="x">x</mi></math>',
    '<svg><math><desc><math><style></svg><img src=x onerror=alert(1)>',
    '<math><mi><![CDATA[</mi></math><img src=x onerror=alert(1)>]]></mi></math>',
    '<math><mtext><noscript><p title="</noscript><img src=x onerror=alert(1)>"></mtext></math>',
    '<math><mtext><title><a title="</title><img src=x onerror=alert(1)>"></mtext></math>',
    '<math><mtext alttext="&lt;/math>&lt;img src=x onerror=alert(1)>"></mtext><mi>a</mi></math>',
    '<math alttext="</math><img src=x onerror=alert(1)>"><mi>a</mi></math>',
    '<p><math><p><mi>a</mi></p></math><table><math><tr><td><mi>b</mi></table></math>',
    '<math><mtext><math><mi>a</math></mtext><mi>b</math><mi>c</mi>',
    '<script type="math/tex"></script ><img src=x onerror=alert(1)></script>',
    '<script type="math/tex">\\)<img src=x onerror=alert(1)></script>',
    '<a title="<script type=math/tex>"><img src=x onerror=alert(1)></script>">x</a>',
    '<math><annotation encoding="tex">"><img src=x onerror=alert(1)></annotation><mi>a</mi></math>',
    '<math><annotation encoding="tex">&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</annotation><mi>a</mi></math>',
  ])('are harmless: %s', (html) => {
    const once = clean(html);
    expectHarmless(once);
    expect(clean(once)).toBe(once);
  });

  const pieces = fc.constantFrom(
    ...MATH_TAGS.flatMap((name) => [`<${name}>`, `</${name}>`]),
    ...'math mtext mi'.split(' ').flatMap((name) => [`<${name}>`, `</${name}>`, `<${name}/>`]),
    ...'p span table tr td a svg style script mglyph malignmark pre ul li desc title'
      .split(' ')
      .flatMap((name) => [`<${name}>`, `</${name}>`]),
    '<math display="block" alttext="x^2">',
    '<m:math>',
    '</m:math>',
    '<annotation encoding="application/x-tex">',
    '<annotation-xml encoding="text/html">',
    '<script type="math/tex">',
    '<span class="katex-mathml">',
    '<span class="katex-html" aria-hidden="true">',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<img src=x onerror=y>',
    '<br>',
    '"',
    'x',
    '&lt;',
  );
  const body = fc
    .array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 30 })
    .map((parts) => parts.join(''));

  test('are harmless however they are put together', () => {
    fc.assert(
      fc.property(body, (given) => {
        expectHarmless(clean(given));
        expect(sanitiseHtml(given, PAGE)).not.toContain('<m');
      }),
      { numRuns: 1000 },
    );
  });

  test('twice is once', () => {
    fc.assert(
      fc.property(body, (given) => {
        expect(clean(clean(given))).toBe(clean(given));
      }),
      { numRuns: 1000 },
    );
  });

  test('take time in proportion to their length', () => {
    for (const part of [
      '<math>',
      '<math><mi>',
      '<math><mrow></math>',
      '</math> ',
      '<mi/>',
      '<script type="math/tex">',
      '<script type=math/tex ',
      '<script type',
      '<math alttext="',
      '<span class="katex-html" aria-hidden="true">',
    ])
      expect(clean(part.repeat(300_000 / part.length)).length).toBeGreaterThan(-1);
    expect(clean(`<math>${'<mrow>'.repeat(50_000)}x`)).toContain('x');
    expect(htmlToText(clean(`<math>${'<mrow>'.repeat(50_000)}x</math>`))).toBe('x');
    const deep = `<math>${'<mfrac><mn>1</mn>'.repeat(300)}${'<mi>1</mi>'.repeat(90_000)}</math>`;
    expect(sanitiseHtml(deep, PAGE)).toContain('1/(1/(');
  });
});

test('a space or an operator as large as the page loses its size', () => {
  const sizes = ['999em', '-3em', '1e9px', '500px', '20em', '100vh', 'calc(1px)'];
  for (const size of sizes) {
    expect(clean(`<math><mi>a</mi><mspace width="${size}"/></math>`)).not.toContain('width');
  }
  expect(clean('<math><mi>a</mi><mspace width="-0.1667em"/></math>')).toContain('"-0.1667em"');
});

test('what other programs get has formulas as their source, else on one line', () => {
  const formula = (inner: string, display = '') =>
    `<p>a <math${display}><semantics><mfrac><mn>1</mn><mn>2</mn></mfrac>${inner}</semantics></math> b</p>`;
  const source = '<annotation encoding="application/x-tex">\\frac{1}{2} &lt; "1"</annotation>';
  const bare = (html: string) => sanitiseHtml(html, PAGE);
  expect(bare(formula(source))).toBe('<p>a \\(\\frac{1}{2} &lt; "1"\\) b</p>');
  expect(bare(formula(source, ' display="block"'))).toContain('\\[\\frac{1}{2} &lt; "1"\\]');
  expect(bare(formula(''))).toBe('<p>a 1/2 b</p>');
  expect(bare(bare(formula(source)))).toBe(bare(formula(source)));
});

test.each([
  ['<msup><mi>x</mi><mn>10</mn></msup><mo>=</mo><mn>4</mn>', 'x^10=4'],
  ['<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mi>n</mi></msup>', '(a)^n'],
  ['<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2.5</mn></mfrac>', '(a+b)/2.5'],
  ['<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>', 'x_i^2'],
  [
    '<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>',
    '∑_(i=1)^n',
  ],
  ['<msup><mi>f</mi><mo>′</mo></msup><mo>,</mo><mover><mi>v</mi><mo>→</mo></mover>', 'f′,v→'],
  ['<msqrt><mn>2</mn></msqrt><mroot><mi>x</mi><mn>3</mn></mroot>', '√23√x'],
  [
    '<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>2</mn></mtd><mtd><mn>3</mn></mtd></mtr></mtable>',
    '1, 0; 2, 3',
  ],
  ['<mi>a</mi><mtext> if </mtext><mi>b</mi><msup></msup>', 'a if b'],
])('a formula on one line: %s', (inner, expected) => {
  expect(sanitiseHtml(`<math>${inner}</math>`, PAGE)).toBe(expected);
});
