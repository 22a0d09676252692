import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findNamedIcons } from '../../../lib/ingest/named-icons.ts';

const PAGE = 'https://pond.example/blog/';
const find = (html: string) => findNamedIcons(html, PAGE);

test('of icons in several sizes, those that fit best come first, and those of phones last', () => {
  expect(
    find(`<head>
      <link rel="apple-touch-icon" href="/touch.png" sizes="180x180">
      <link rel="icon" href="/16.png" sizes="16x16">
      <link rel="icon" href="/192.png" sizes="192x192">
      <link rel="shortcut icon" href="/old.ico" sizes="16x16 32x32 48x48">
      <link rel="icon" href="/any.svg" sizes="any" type="image/svg+xml">`),
  ).toEqual(
    ['any.svg', 'old.ico', '192.png', '16.png', 'touch.png'].map(
      (name) => `https://pond.example/${name}`,
    ),
  );
});

test('addresses are those that the page means, once each, and of the web alone', () => {
  expect(
    find(`<base href="https://cdn.example/x/"><LINK REL=ICON HREF=a.png><link rel="icon" href="a.png">
      <link rel="icon" href="data:image/png;base64,AAAA"><link rel="icon"><link rel="mask-icon" href="m.svg">
      <link rel="stylesheet" href="icon.css"><a rel="icon" href="b.png">`),
  ).toEqual(['https://cdn.example/x/a.png']);
});

test('whatever a page is, it names web addresses and no more than some', () => {
  const link = fc
    .record({
      rel: fc.constantFrom('icon', 'apple-touch-icon', 'x'),
      sizes: fc.string(),
      href: fc.webUrl(),
    })
    .map(({ rel, sizes, href }) => `<link rel="${rel}" sizes="${sizes}" href="${href}">`);
  const page = fc.array(fc.oneof(link, fc.string()), { maxLength: 100 });
  fc.assert(
    fc.property(page, (parts) => {
      const found = find(parts.join(''));
      expect(found.length).toBeLessThanOrEqual(40);
      for (const url of found) expect(url).toMatch(/^https?:/u);
    }),
  );
});
