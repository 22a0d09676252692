import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMovedItems, type ItemFacts } from '../../lib/model/same-item.ts';
import { allSteps } from '../support/steps.ts';

const HOUR_MS = 60 * 60_000;
const at = (hours: number) => new Date(Date.UTC(2026, 4, 1) + hours * HOUR_MS);

const item = (over: Partial<ItemFacts> = {}): ItemFacts => ({
  guid: '//blog.example/?p=12',
  url: 'https://blog.example/moving-our-queues',
  canonicalUrl: over.url ?? 'https://blog.example/moving-our-queues',
  title: 'Moving our queues to another engine',
  text: 'We moved all of our queues to another storage engine, and this is what we learnt of it.',
  publishedAt: at(0),
  ...over,
});

const isFound = (fresh: ItemFacts, ...vanished: ItemFacts[]) =>
  allSteps(findMovedItems([fresh], vanished)).get(fresh);

describe('an item under a new guid is found again', () => {
  const old = item();

  test('when only its guid has changed', () => {
    expect(isFound(item({ guid: '//blog.example/?p=977' }), old)).toBe(old);
    expect(isFound(item({ guid: 'd41d8cd98f00b204' }), old)).toBe(old);
  });

  test('when its site has moved to another host, with its guids', () => {
    const moved = item({ guid: '//new.example/?p=12', url: 'https://new.example/2026/queues' });
    expect(isFound(moved, old)).toBe(old);
  });

  test('when its site has moved and makes guids of its own', () => {
    const moved = item({ guid: 'urn:uuid:1', url: 'https://new.example/moving-our-queues/' });
    expect(isFound(moved, old)).toBe(old);
  });

  test('when guid and title have changed at one address', () => {
    const edited = item({ guid: 'other', title: 'Our queues have a new home' });
    expect(isFound(edited, old)).toBe(old);
    const later = item({ guid: 'other', title: 'Our queues have a new home', publishedAt: at(9) });
    expect(isFound(later, old)).toBe(old);
  });

  test('when guid and address have a new token each time', () => {
    const tokened = item({ guid: 'a81', url: 'https://blog.example/r?token=a81' });
    expect(
      isFound(tokened, item({ guid: 'b77', url: 'https://blog.example/r?token=b77' })),
    ).toEqual(item({ guid: 'b77', url: 'https://blog.example/r?token=b77' }));
  });
});

describe('an item is not taken for another', () => {
  test('because they share an address: incidents of a status page', () => {
    const url = 'https://status.example/';
    const before = item({ guid: '1', url, title: 'Mail is slow', text: 'We look into it.' });
    const after = item({
      guid: '2',
      url,
      title: 'The database is away',
      text: 'Engineers are at work on the cause of the outage.',
      publishedAt: at(30),
    });
    expect(isFound(after, before)).toBeUndefined();
    const alike = item({
      ...after,
      guid: '3',
      title: 'Mail is slow in Europe',
      publishedAt: at(40),
    });
    const others = [before, item({ guid: '4', url, title: 'Mail is slow in Asia' })];
    expect(isFound(alike, ...others)).toBeUndefined();
  });

  test('because they share a title: weekly posts', () => {
    const week = (n: number, text: string) =>
      item({
        guid: `w${n}`,
        url: `https://blog.example/${n}`,
        title: 'Interesting links',
        text,
        publishedAt: at(n * 168),
      });
    const first = week(1, 'A paper on caches, a talk on queues.');
    expect(isFound(week(2, 'An essay about tests and a compiler.'), first)).toBeUndefined();
  });

  test('because a machine gave all of them one time', () => {
    const now = at(100);
    const one = item({ guid: '1', url: 'https://a.example/x?1', title: 'One', publishedAt: now });
    const two = item({ guid: '2', url: 'https://a.example/x?1', title: 'Two', publishedAt: now });
    const fresh = item({
      guid: '3',
      url: 'https://a.example/x?1',
      title: 'Three',
      text: 'Nothing of the other texts.',
      publishedAt: now,
    });
    expect(isFound(fresh, one, two)).toBeUndefined();
  });

  test('because the paths of two hosts are both empty', () => {
    const other = item({
      guid: 'x',
      url: 'https://new.example/',
      title: 'Something else altogether',
      text: 'A text about gardening.',
      publishedAt: at(50),
    });
    expect(isFound(other, item({ guid: 'y', url: 'https://old.example/' }))).toBeUndefined();
  });
});

describe('for any items', () => {
  const facts = fc.record({
    guid: fc.constantFrom('1', '2', '//a.example/?p=1', '//b.example/?p=1'),
    url: fc.constantFrom('https://a.example/1', 'https://b.example/1', 'https://a.example/'),
    canonicalUrl: fc.constantFrom('https://a.example/1', 'https://b.example/1'),
    title: fc.constantFrom('One story of several', 'Another story', 'Links'),
    text: fc.constantFrom('', 'some words', 'some other words of a text'),
    publishedAt: fc.constantFrom(null, at(0), at(1)),
  });

  test('each is found at most once', () => {
    fc.assert(
      fc.property(fc.array(facts), fc.array(facts), (fresh, vanished) => {
        const found = [...allSteps(findMovedItems(fresh, vanished)).values()];
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  test('a document whose guids all changed is found again whole', () => {
    const distinct = fc.uniqueArray(fc.nat(10_000), { maxLength: 40 });
    fc.assert(
      fc.property(distinct, (numbers) => {
        const made = (prefix: string) =>
          numbers.map((n) =>
            item({
              guid: `${prefix}${n}`,
              url: `https://${prefix}.example/posts/${n}`,
              title: `Report ${n} of the engine room`,
              publishedAt: at(n),
            }),
          );
        const [old, moved] = [made('old'), made('new')];
        const found = allSteps(findMovedItems(moved, old));
        expect(moved.map((each) => found.get(each))).toEqual(old);
      }),
    );
  });
});
