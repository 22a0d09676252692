import { expect, test } from 'vitest';
import { htmlToProse, htmlToText } from '../../../lib/ingest/plain-text.ts';

const prose = (html: string) => htmlToProse(html, htmlToText(html));

test('what is shown of a post in lists has no code, table or caption in the middle of its prose', () => {
  expect(
    prose(
      '<p>Read twenty entries, stop.</p><pre><code>SELECT post_id</code></pre>' +
        '<figure><img src="a.png"><figcaption>A plan</figcaption></figure>' +
        '<table><tr><td>7</td></tr></table><p>The <code>AND</code> matters.</p>',
    ),
  ).toBe('Read twenty entries, stop.\nThe AND matters.');
});

test('prose without any of these is the text as it is', () => {
  const text = 'as it is';
  expect(htmlToProse('<p>Anything.</p>', text)).toBe(text);
});

test('a post of nothing but code has no prose', () => {
  expect(prose('<pre>make all</pre>')).toBe('');
});
