import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sanitiseHtml } from '../../../lib/ingest/sanitise.ts';
import { listUnsized, sizePictures } from '../../../lib/pictures/body-pictures.ts';

const AT = 'https://a.example/p.png?a=1&b=2';
const img = (attributes = '') =>
  sanitiseHtml(`<img src="${AT.replace('&', '&amp;')}" ${attributes}>`, undefined);
const known = new Map([[AT, { width: 1600, height: 900 }]]);
const gone = new Map([[AT, null]]);
const sizeOf = (html: string) => html.match(/ (?:width|height)="\d+"/gu)?.join('');

describe('a picture whose size is known', () => {
  test.each([
    ['no size', '', ' width="1600" height="900"'],
    ['a width', 'width="800"', ' width="800" height="450"'],
    ['a height', 'height="90"', ' height="90" width="160"'],
    ['both, right or wrong', 'width="300" height="300"', ' width="300" height="300"'],
    ['a size that is none', 'width="50%" height="auto"', ' width="1600" height="900"'],
  ])('and whose publisher said %s has both', (_, said, shown) => {
    const html = sizePictures(`<p>${img(said)}</p>`, known);
    expect(sizeOf(html)).toBe(shown);
    expect(html).not.toContain('class=');
    // Nothing more is to be known of it.
    expect(listUnsized(html)).toEqual([]);
    expect(sizePictures(html, known)).toBe(html);
  });

  test('keeps a side of at least one pixel', () => {
    const thin = new Map([[AT, { width: 9000, height: 2 }]]);
    expect(sizeOf(sizePictures(img('width="20"'), thin))).toBe(' width="20" height="1"');
  });
});

test('the addresses of pictures without a size are listed once, as they are', () => {
  const other = '<img src="https://b.example/&lt;" alt="" height="4" loading="lazy" />';
  expect(listUnsized(img() + img('width="3" height="4"') + img() + other)).toEqual([
    AT,
    'https://b.example/<',
  ]);
  expect(listUnsized('<p>a &lt;img src="x"&gt; b</p>')).toEqual([]);
});

describe('a picture that nobody has looked at yet', () => {
  test.each([
    [`<p>${img()}</p>`],
    [`<figure class="x">\n ${img('width="500"')}<figcaption>What it is</figcaption></figure>`],
    [`<div><a href="${AT}"> ${img()} </a></div>`],
  ])('has a box when it stands alone: %s', (html) => {
    const shown = sizePictures(html, new Map());
    expect(shown).toContain('<img class="unsized" src=');
    expect(shown.replace(' class="unsized"', '')).toBe(html);
  });

  test.each([
    [`<p>A sign ${img()} within a line</p>`],
    [`<p>${img()} at its beginning</p>`],
    [`<p>${img()} ${img()}</p>`],
    [`<p>${img('width="30" height="20"')}</p>`],
  ])('stands as it is otherwise: %s', (html) => {
    expect(sizePictures(html, new Map())).toBe(html);
  });

  test('has none once it could not be had', () => {
    expect(sizePictures(`<p>${img()}</p>`, gone)).toBe(`<p>${img()}</p>`);
  });
});

test('nothing but sizes and marks is added to any body', () => {
  const part = fc.constantFrom(
    ...['<p>', '</p>', img(), img('width="7"'), 'a > b', '<a href="x">', '</a>', '"', 'width="1"'],
    ...['<img', '>', '<figure>', '</figure>', ' src="', '&amp;', '\n'],
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const html = sanitiseHtml(parts.join(''), 'https://a.example/');
      const without = (text: string) =>
        text.replace(/ (?:width|height)="\d+"| class="unsized"|\s*\/?>/gu, '');
      for (const sizes of [known, gone, new Map()]) {
        expect(without(sizePictures(html, sizes))).toBe(without(html));
      }
    }),
  );
});
