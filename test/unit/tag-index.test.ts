import { describe, expect, test } from 'vitest';
import {
  describeSize,
  type IndexedTag,
  indexTags,
  TAG_ORDERS,
  tagIndexPath,
} from '../../lib/model/tag-index.ts';

const NOW = new Date('2026-06-15T00:00:00Z');

const tag = (name: string, wish: Partial<IndexedTag> = {}): IndexedTag => ({
  slug: name.toLowerCase(),
  name,
  posts: 1,
  since: '2026-05-01T00:00:00.000Z',
  lastMonth: '2026-06',
  ...wish,
});

const groups = (...given: Parameters<typeof indexTags>) =>
  indexTags(...given)?.groups.map(({ key, tags }) => [key, tags.map(({ name }) => name)]);

describe('the index of tags', () => {
  test('is by name with accents and scripts in their places, signs and digits first', () => {
    const tags = ['сети', 'Éclair', 'zsh', '2FA', 'apl', 'Ada', '.NET', 'elm'].map((name) =>
      tag(name),
    );
    expect(groups(tags, 'by-name', 1, NOW)).toEqual([
      ['#', ['.NET', '2FA']],
      ['A', ['Ada', 'apl']],
      ['E', ['Éclair', 'elm']],
      ['Z', ['zsh']],
      ['С', ['сети']],
    ]);
  });

  test('is by size, the largest first', () => {
    const tags = [1, 9, 1200, 10, 100].map((posts) => tag(`n${posts}`, { posts }));
    expect(groups(tags, 'by-size', 1, NOW)).toEqual([
      ['1000', ['n1200']],
      ['100', ['n100']],
      ['10', ['n10']],
      ['2', ['n9']],
      ['1', ['n1']],
    ]);
    expect(['1000', '100', '10', '2', '1'].map(describeSize)).toEqual([
      '1,000 posts and more',
      '100 to 999 posts',
      '10 to 99 posts',
      '2 to 9 posts',
      '1 post',
    ]);
  });

  test('is by the day on which a tag was first seen', () => {
    const tags = ['2026-05-02', '2026-06-01', '2026-05-03'].map((day) =>
      tag(day, { since: `${day}T00:00:00.000Z` }),
    );
    expect(groups(tags, 'new', 1, NOW)).toEqual([
      ['2026-06-01', ['2026-06-01']],
      ['2026-05-03', ['2026-05-03']],
      ['2026-05-02', ['2026-05-02']],
    ]);
  });

  test('has those that had a voice and are not used any more', () => {
    const tags = [
      tag('Still', { posts: 50, lastMonth: '2025-12' }),
      tag('Quiet', { posts: 50, lastMonth: '2025-11' }),
      tag('Older', { posts: 5, lastMonth: '2019-01' }),
      tag('Never', { posts: 4, lastMonth: '2019-01' }),
    ];
    expect(groups(tags, 'quiet', 1, NOW)).toEqual([
      ['2025-11', ['Quiet']],
      ['2019-01', ['Older']],
    ]);
  });

  test('has pages that leave nothing out, and says on which a letter begins', () => {
    const tags = Array.from({ length: 5000 }, (_, n) => tag(`${'abcde'[n % 5]}${n}`));
    for (const order of TAG_ORDERS.filter((each) => each !== 'quiet')) {
      const seen: string[] = [];
      const { pages = 0 } = indexTags(tags, order, 1, NOW) ?? {};
      for (let page = 1; page <= pages; page++) {
        const names = indexTags(tags, order, page, NOW)?.groups.flatMap((group) => group.tags);
        expect(names?.length).toBeLessThanOrEqual(240);
        seen.push(...(names ?? []).map(({ slug }) => slug));
      }
      expect(new Set(seen).size).toBe(5000);
      expect(seen).toHaveLength(5000);
    }
    const places = indexTags(tags, 'by-name', 1, NOW)?.places ?? [];
    expect(places.map(({ key }) => key)).toEqual(['A', 'B', 'C', 'D', 'E']);
    for (const { key, page } of places) {
      expect(groups(tags, 'by-name', page, NOW)?.map(([first]) => first)).toContain(key);
    }
  });

  test('has a page without tags, and none beyond the last', () => {
    expect(groups([], 'by-name', 1, NOW)).toEqual([]);
    expect(indexTags([], 'by-name', 2, NOW)).toBeUndefined();
    expect(indexTags([], 'by-name', 0, NOW)).toBeUndefined();
  });

  test('has one address for each page', () => {
    expect(tagIndexPath('by-name', 1)).toBe('/tags');
    expect(tagIndexPath('by-name', 2)).toBe('/tags/by-name/2');
    expect(tagIndexPath('quiet', 1)).toBe('/tags/quiet');
  });
});
