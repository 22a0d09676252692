import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNearStory } from '../../lib/model/same-story.ts';
import { textBands } from '../../lib/model/text-bands.ts';

const words = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) => `w${(seed * 7919 + i * 104_729) % 50_021}`);
const meet = (a: string, b: string) => {
  const there = new Set(textBands(b));
  return textBands(a).some((band) => there.has(band));
};

describe('bands of a text', () => {
  test('are whole numbers that Postgres and JavaScript both hold', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 600 }), (seed, count) => {
        const bands = textBands(words(seed, count).join(' '));
        expect(bands.length).toBe(count < 40 ? 0 : 6);
        expect(bands.every((band) => Number.isSafeInteger(band) && band >= 0)).toBe(true);
      }),
    );
  });

  test('are shared by a text with a line of its site before and behind it', () => {
    for (let seed = 0; seed < 50; seed++) {
      const text = words(seed, 300).join(' ');
      expect(meet(text, `Originally posted at our blog. ${text} Share this post.`)).toBe(true);
    }
  });

  test('are hardly ever shared by texts of different words', () => {
    let met = 0;
    for (let seed = 0; seed < 200; seed++) {
      if (meet(words(seed, 300).join(' '), words(seed + 1000, 300).join(' '))) met++;
    }
    expect(met).toBe(0);
  });

  test('do not depend on case, signs and spaces', () => {
    const text = words(3, 90);
    expect(textBands(text.join(' '))).toEqual(textBands(text.join(',\n').toUpperCase()));
  });
});

describe('stories at different addresses', () => {
  const text = words(1, 120).join(' ');
  const story = (title: string, body = text) => ({ title, text: body });

  test('are one with equal titles and nearly equal texts', () => {
    const other = `Read more of us. ${words(1, 112).join(' ')}`;
    expect(isNearStory(story('Moving our queues'), story('MOVING our queues!', other))).toBe(true);
  });

  test('are one when a site adds its name to the title', () => {
    const title = 'Moving our queues to another engine';
    expect(isNearStory(story(title), story(`${title} | Our blog`))).toBe(true);
  });

  test('are two when titles differ in a word or a number: announcements from one mould', () => {
    const where = (place: string) => story(`Small instances are now available in ${place}`);
    expect(isNearStory(where('Milan'), where('Zurich'))).toBe(false);
    expect(isNearStory(story('Release 1.2 of it'), story('Release 1.3 of it'))).toBe(false);
  });

  test('are two when there is too little text to tell', () => {
    expect(isNearStory(story('Links', 'A few words.'), story('Links', 'A few words.'))).toBe(false);
  });

  test('are two with one title and other texts', () => {
    const week = (seed: number) => story('Interesting links', words(seed, 120).join(' '));
    expect(isNearStory(week(4), week(5))).toBe(false);
  });
});
