import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { CARD_HEIGHT, CARD_WIDTH } from '../../lib/cards/card-size.ts';
import { cutText, drawable, isFromTheRight } from '../../lib/cards/card-text.ts';
import { drawCard } from '../../lib/cards/draw-card.ts';

const foot = { left: 'Post Syndicated from Ada', right: '3 Jun 2018' };

/** Dark pixels between the label and the foot: the title's. */
async function inkOf(png: Buffer): Promise<number> {
  const area = { left: 0, top: 130, width: CARD_WIDTH, height: 360 };
  const { data } = await sharp(png)
    .extract(area)
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data.filter((value) => value < 128).length;
}

describe('what of a text a card can show', () => {
  test.each([
    ['Kernel\n  timers\t', 'Kernel timers'],
    ['Ship it 🚀👩🏽‍💻 now ❤️', 'Ship it now'],
    ['© 2026 → done', '© 2026 → done'],
    ['a\u0007b\ud800c\u202Ed', 'abcd'],
    ['Ядро 2.0', 'Ядро 2.0'],
    ['日本語のタイトル', undefined],
    ['Linux 核心', undefined],
    ['🚀🚀', undefined],
    ['', undefined],
  ])('%j is %j', (text, shown) => {
    expect(drawable(text)).toBe(shown);
  });

  test('it is cut between words, and a long word where it must be', () => {
    expect(cutText('one two three', 13)).toBe('one two three');
    expect(cutText('one two, three', 12)).toBe('one two…');
    expect(cutText('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 30 }), (text, most) => {
        expect([...cutText(text, most)].length).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('its first letter says from where it is read', () => {
    expect(isFromTheRight('مقدمة Linux')).toBe(true);
    expect(isFromTheRight('«Linux» مقدمة')).toBe(false);
    expect(isFromTheRight('2026')).toBe(false);
  });
});

describe('a card', () => {
  test('is a PNG of its size with the title in it, whatever the texts are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom(
        'W'.repeat(2000),
        `${'<b>&amp;]]> '.repeat(50)}`,
        'x'.repeat(1_000_000),
        'مقدمة في هندسة '.repeat(40),
        '\u0301'.repeat(500),
      ),
    );
    const cards = fc.record({
      label: text,
      titles: fc.array(text, { maxLength: 3 }),
      foot: fc.record({ left: text, right: text }),
      hue: fc.integer({ min: 0, max: 359 }),
      bars: fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(cards, async (card) => {
        const png = await drawCard(card);
        const { format, width, height } = await sharp(png).metadata();
        expect([format, width, height]).toEqual(['png', CARD_WIDTH, CARD_HEIGHT]);
        const hasTitle = card.titles.some((title) => drawable(title) !== undefined);
        if (!hasTitle && card.bars.length === 0) expect(await inkOf(png)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('shows the first title whose letters it has', async () => {
    const draw = (...titles: string[]) => drawCard({ label: 'Site', titles, foot });
    const plain = await draw('Kernel timers');
    expect(await inkOf(plain)).toBeGreaterThan(1000);
    expect(await draw('日本語', 'Kernel timers')).toEqual(plain);
    expect(await draw('日本語')).toEqual(await draw());
    expect(await inkOf(await draw())).toBe(0);
  });
});
