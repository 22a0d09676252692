import fc from 'fast-check';
import { parse } from 'parse5';
import { expect, test } from 'vitest';
import { liftBlocks } from '../../app/_components/post-blocks.ts';
import { sanitiseHtml } from '../../lib/ingest/sanitise.ts';

test.each([
  [
    'code ends a paragraph, which goes on after it',
    '<p>a <span>b<pre>c</pre>d</span> e</p>',
    '<p>a <span>b</span></p><pre>c</pre><p><span>d</span> e</p>',
  ],
  [
    'a link around code stays around it, and leaves no empty one',
    '<p><a href="https://a.example/"><pre>c</pre></a></p>',
    '<a href="https://a.example/"><pre>c</pre></a>',
  ],
  [
    'a place is where it was first',
    '<p id="x"><b id="y">a<ul><li>b</li></ul>c</b></p>',
    '<p id="x"><b id="y">a</b></p><b><ul><li>b</li></ul></b><p><b>c</b></p>',
  ],
  [
    'text beside blocks gets a paragraph',
    'a <b>b</b><p>c</p>\nd<br>',
    '<p>a <b>b</b></p><p>c</p><p>\nd<br></p>',
  ],
  ['a block in a block is left alone', '<div>a<pre>b</pre>c</div>', '<div>a<pre>b</pre>c</div>'],
  [
    'a table in a paragraph has paragraphs of its own',
    '<p>a<span><table><tr><td>b<p>c</p></td></tr></table></span></p>',
    '<p>a</p><table><tr><td>b<p>c</p></td></tr></table>',
  ],
  [
    'a line ends a paragraph',
    '<p>a<b>b<hr />c</b></p>',
    '<p>a<b>b</b></p><b><hr /></b><p><b>c</b></p>',
  ],
])('%s', (_, html, expected) => {
  expect(liftBlocks(html)).toBe(expected);
});

interface Node {
  tagName?: string;
  childNodes?: Node[];
}
const countOf = (name: string, node: Node): number =>
  (node.tagName === name ? 1 : 0) +
  (node.childNodes ?? []).reduce((sum, child) => sum + countOf(name, child), 0);

const pieces = fc.constantFrom(
  ...'p span b a pre div ul li h2 blockquote details summary math mi'
    .split(' ')
    .flatMap((name) => [`<${name}>`, `</${name}>`]),
  '<a href="https://a.example/">',
  '<table><tr><td>',
  '</td></tr></table>',
  '<hr>',
  '<br>',
  '<img src="a.png">',
  'x',
  ' ',
);
const body = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(''));

test.each([
  ['<a href="u"><p>x</p><p>y</p></a>', '<a href="u"><p>x</p></a><a href="u"><p>y</p></a>'],
  [
    '<a href="u"><h2>x</h2><p>y</p>z</a>',
    '<a href="u"><h2>x</h2></a><a href="u"><p>y</p></a><p><a href="u">z</a></p>',
  ],
  ['<p><b><pre>1</pre><pre>2</pre></b></p>', '<b><pre>1</pre></b><b><pre>2</pre></b>'],
])('%s: what is around several blocks stays around each', (html, lifted) => {
  expect(liftBlocks(html)).toBe(lifted);
});

test('a browser finds every paragraph that is written, and no other', () => {
  fc.assert(
    fc.property(body, (given) => {
      const lifted = liftBlocks(sanitiseHtml(given, 'https://a.example/'));
      const tree = parse(`<!doctype html><body>${lifted}`) as Node;
      expect(lifted.match(/<p[\s>]/gu)?.length ?? 0).toBe(countOf('p', tree));
    }),
    { numRuns: 1000 },
  );
});

/** One link around two blocks is as good as one around each; so are two, one within the other. */
function close(text: string): string {
  const closer = text.replace(/<\/(a|b)>\s*<\1(?:\s[^<>]*)?>|\s/gu, '');
  return closer === text ? text : close(closer);
}

test('no letter is lost or moved, and what is lifted stays as it is', () => {
  fc.assert(
    fc.property(body, (given) => {
      const html = sanitiseHtml(given, 'https://a.example/');
      const bare = (text: string) => text.replace(/<[^<>]*>|\s/gu, '');
      expect(bare(liftBlocks(html))).toBe(bare(html));
      expect(close(liftBlocks(liftBlocks(html)))).toBe(close(liftBlocks(html)));
    }),
    { numRuns: 1000, examples: [['<b><p><b><li><li>']] },
  );
});

test('it takes time in proportion to the length, and a body does not grow without end', () => {
  for (const part of ['<p>', '<p><b>x', '<hr />', '<b>', 'x<hr />']) {
    const html = sanitiseHtml(
      `<p><b><a href="/${'x'.repeat(99)}">${part.repeat(60_000)}`,
      'https://a.example/',
    );
    expect(liftBlocks(html).length).toBeLessThan(html.length * 2);
  }
});
