import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tagSlug, tagsOf } from '../../../lib/ingest/tags.ts';

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
    expect(tagsOf(['Linux', 'C++', 'linux', '#LINUX', ' '], ['Kernel'])).toEqual([
      { name: 'Linux', slug: 'linux' },
      { name: 'C++', slug: 'c-plus-plus' },
      { name: 'Kernel', slug: 'kernel' },
    ]);
  });

  test('are 32 at most, and no addresses or sentences', () => {
    const many = Array.from({ length: 100 }, (_, i) => `Tag ${i}`);
    expect(tagsOf(many)).toHaveLength(32);
    expect(tagsOf(['https://schema.example/tag', 'word '.repeat(20)])).toEqual([]);
  });
});
