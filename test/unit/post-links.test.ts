import { expect, test } from 'vitest';
import { fitLinks } from '../../app/_components/post-links.ts';

const img = (alt: string) => `<img src="https://a.example/s.png" alt="${alt}" loading="lazy" />`;

test.each([
  ['a file', 'https://a.example/2026/figure-1.png?w=9', 'figure-1.png'],
  ['a page', 'https://a.example/2026/', 'a.example'],
  ['a place on the page', '#p7-note', 'Picture'],
])('a link around a picture without words is named by where it leads: %s', (_, href, name) => {
  const link = (alt: string) => `<a href="${href}" rel="nofollow"><span> ${img(alt)}</span></a>`;
  expect(fitLinks(link(''))).toBe(link(name));
});

test('links that say something stay as they are', () => {
  for (const link of [
    `<a href="https://a.example/">${img('A pump')}</a>`,
    `<a href="https://a.example/" title="A pump">${img('')}</a>`,
    `<a href="https://a.example/">${img('')} A pump</a>`,
    '<a id="place"></a>',
  ]) {
    expect(fitLinks(link)).toBe(link);
  }
});

test('a link around nothing is no link, and a place all the same', () => {
  expect(fitLinks('<a id="x" href="https://a.example/"> <span></span></a>')).toBe(
    '<a id="x"> <span></span></a>',
  );
});
