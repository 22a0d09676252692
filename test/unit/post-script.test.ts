import { expect, test } from 'vitest';
import { directionOf, fitDirections, fitEmoji } from '../../app/_components/post-script.ts';

test('emoji of WordPress are written, other pictures stay', () => {
  const emoji = '<img src="https://s.w.org/images/core/emoji/2.2.1/72x72/1f680.png" alt="🚀" />';
  expect(fitEmoji(`<p>Up ${emoji}</p>`)).toBe('<p>Up 🚀</p>');
  for (const other of [emoji.replace('🚀', 'rocket'), emoji.replace('s.w.org', 'alice.example')]) {
    expect(fitEmoji(other)).toBe(other);
  }
});

test('blocks find their own direction where a body has right-to-left writing', () => {
  expect(fitDirections('<h2>שלום</h2><p>Hello</p><p dir="ltr">a</p><ul><li>سلام</li></ul>')).toBe(
    '<h2 dir="auto">שלום</h2><p dir="auto">Hello</p><p dir="ltr">a</p>' +
      '<ul dir="auto"><li>سلام</li></ul>',
  );
  expect(fitDirections('<p>Hello</p>')).toBe('<p>Hello</p>');
});

test('a body has the direction of most of its letters, code and addresses left aside', () => {
  const code = `<pre>${'int main(void); '.repeat(20)}</pre>`;
  expect(directionOf(`<blockquote>שלום לכולם, Postgres</blockquote>${code}`)).toBe('rtl');
  expect(directionOf('<p><a href="https://a.example/a/b/c">سلام عليكم</a></p>')).toBe('rtl');
  expect(directionOf('<p>The word for peace is <b>שלום</b>.</p>')).toBeUndefined();
  expect(directionOf('<p>Hello</p>')).toBeUndefined();
});
