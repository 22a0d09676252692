import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tagsOf } from '../../../lib/ingest/tags.ts';
import { tagSlug } from '../../../lib/model/tag.ts';

const SLUG = /^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$/u;

describe('slugs of tags', () => {
  test.each([
    ['Architecture', 'architecture'],
    ['Amazon EC2', 'amazon-ec2'],
    ['C', 'c'],
    ['C++', 'c-plus-plus'],
    ['C#', 'c-sharp'],
    ['F#', 'f-sharp'],
    ['.NET', 'dot-net'],
    ['Microsoft .NET 10', 'microsoft-dot-net-10'],
    ['A*', 'a-star'],
    ['R&D', 'r-and-d'],
    ['Node.js', 'node-js'],
    ['Café', 'cafe'],
    ['Straße', 'strasse'],
    ['Йод', 'йод'],
    ['हिन्दी', 'हनद'],
    ['🎉', 'u1f389'],
    ['Ядро Linux', 'ядро-linux'],
    ['日本語', '日本語'],
    ['한국어', '한국어'],
    ["Linus's Law", 'linuss-law'],
  ])('%s has %s', (name, slug) => {
    expect(tagSlug(name)).toBe(slug);
  });

  test('are never empty, never longer than 64, always of the promised form', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(name, (text) => {
        const slug = tagSlug(text);
        expect(slug).toMatch(SLUG);
        expect(slug.length).toBeLessThanOrEqual(64);
      }),
    );
  });

  test('are their own slugs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tagSlug(tagSlug(text))).toBe(tagSlug(text));
      }),
    );
  });
});

describe('tags of a post', () => {
  test('keep the order and the first spelling, without doubles', () => {
    const categories = ['Linux', 'C++', 'linux', '#LINUX', ' '];
    expect(tagsOf({ categories, feedTags: ['Kernel'] })).toEqual([
      { name: 'Linux', slug: 'linux' },
      { name: 'C++', slug: 'c-plus-plus' },
      { name: 'Kernel', slug: 'kernel' },
    ]);
  });

  test('C and what begins with it, and .NET, stay apart', () => {
    const categories = ['C', 'C++', 'C#', '.NET', 'Net', 'C*', 'CC'];
    expect(tagsOf({ categories }).map(({ slug }) => slug)).toEqual([
      'c',
      'c-plus-plus',
      'c-sharp',
      'dot-net',
      'net',
      'c-star',
      'cc',
    ]);
  });

  test('are 32 at most, and no addresses or sentences', () => {
    const many = Array.from({ length: 100 }, (_, i) => `Tag ${i}`);
    expect(tagsOf({ categories: many })).toHaveLength(32);
    expect(tagsOf({ categories: ['https://schema.example/tag', 'word '.repeat(20)] })).toEqual([]);
  });

  test('leave out the post’s authors and its source, but not what the operator gives', () => {
    const labels = {
      categories: ['Ada Lovelace', 'ada  LOVELACE', 'Ada', 'Slow Query', 'SQL'],
      ownNames: ['Ada Lovelace', '', 'Slow Query'],
    };
    expect(tagsOf(labels).map(({ name }) => name)).toEqual(['Ada', 'SQL']);
    expect(tagsOf({ ...labels, feedTags: ['Slow query'] }).map(({ name }) => name)).toEqual([
      'Ada',
      'SQL',
      'Slow query',
    ]);
  });

  const labels = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.lorem({ maxCount: 12 })));

  test('whatever the labels are: at most 32, each slug once, names within 64 characters', () => {
    fc.assert(
      fc.property(labels, labels, labels, (categories, feedTags, ownNames) => {
        const tags = tagsOf({ categories, feedTags, ownNames });
        expect(tags.length).toBeLessThanOrEqual(32);
        expect(new Set(tags.map(({ slug }) => slug)).size).toBe(tags.length);
        for (const { name, slug } of tags) {
          expect(name).not.toBe('');
          expect(name.length).toBeLessThanOrEqual(64);
          expect(slug).toBe(tagSlug(name));
        }
      }),
    );
  });

  test('made of their own names are the same tags again', () => {
    fc.assert(
      fc.property(labels, (categories) => {
        const slugs = tagsOf({ categories }).map(({ slug }) => slug);
        const names = tagsOf({ categories }).map(({ name }) => name);
        const again = tagsOf({ categories: names }).map(({ slug }) => slug);
        expect(again.every((slug) => slugs.includes(slug))).toBe(true);
      }),
    );
  });
});
