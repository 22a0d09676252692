import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMovedItems } from '../../lib/model/same-item.ts';
import { findTwins } from '../../lib/store/find-twins.ts';
import { planDrafts, type Stored } from '../../lib/store/plan-drafts.ts';
import type { Candidate } from '../../lib/store/story-candidates.ts';
import { makeDraft } from '../support/make.ts';
import { plainPlan } from '../support/plain-plan.ts';
import { allSteps, countSteps } from '../support/steps.ts';

const NOTHING: Stored = { known: new Map(), moved: new Map(), byAddress: [], byBand: new Map() };
const URL = 'https://blog.example/one';
const BOILERPLATE = Array.from({ length: 90 }, (_, i) => `word${(i * 37) % 83}`).join(' ');
const at = (day: number) => new Date(Date.UTC(2026, 4, day));

const post = (id: number, over: Partial<Candidate>): Candidate => ({
  id,
  canonicalUrl: URL,
  title: `Post ${id}`,
  text: `What ${id} is about.`,
  publishedAt: at(1),
  isOwn: false,
  excerpt: null,
  ...over,
});
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);

/** That doubling the input doubles the steps, not more. */
function expectLinear(stepsOf: (n: number) => number) {
  expect(stepsOf(800)).toBeLessThanOrEqual(2.1 * stepsOf(400));
}

describe('the steps of planning grow as the number of items does', () => {
  test('when all items have one address, as thousands of stored posts do', () => {
    for (const isOwn of [true, false]) {
      expectLinear((n) => {
        const drafts = numbers(n).map((i) =>
          makeDraft({ title: `New ${i}`, guid: `${i}`, url: URL }),
        );
        const byAddress = numbers(n).map((id) => post(id, { isOwn }));
        return countSteps(planDrafts(drafts, { ...NOTHING, byAddress })).count;
      });
    }
  });

  test('when all texts are one boilerplate', () => {
    expectLinear((n) => {
      const drafts = numbers(n).map((i) =>
        makeDraft({ title: `Release b.${i}`, bodyText: BOILERPLATE }),
      );
      const posts = numbers(n).map((id) =>
        post(id, { title: `Release a.${id}`, text: BOILERPLATE }),
      );
      const byBand = new Map((drafts[0]?.bands ?? []).map((band) => [band, posts]));
      return countSteps(planDrafts(drafts, { ...NOTHING, byBand })).count;
    });
  });

  test('when stored posts that share an address are merged', () => {
    for (const feeds of [1, 2]) {
      expectLinear((n) => {
        const twins = numbers(n).map((id) => ({ ...post(id, {}), feeds: [id % feeds] }));
        return countSteps(findTwins(twins)).count;
      });
    }
  });

  test('when all items are under new guids at one address', () => {
    expectLinear((n) => {
      const items = (guid: string) =>
        numbers(n).map((i) => ({
          guid: `${guid}${i}`,
          url: URL,
          canonicalUrl: URL,
          title: `${guid} ${i}`,
          text: BOILERPLATE,
          publishedAt: null,
        }));
      return countSteps(findMovedItems(items('new'), items('old'))).count;
    });
  });
});

describe('a plan made with indexes', () => {
  const title = fc.constantFrom('One story', 'ONE story!', 'One story, retold', 'Other', '!', '?');
  const text = fc.constantFrom('', 'Few words.', BOILERPLATE, `At first. ${BOILERPLATE}`);
  const url = fc.constantFrom(URL, 'https://blog.example/two');
  const date = fc.constantFrom(null, at(1), at(2), new Date(0));
  const draft = fc
    .record({ guid: fc.nat(12).map(String), title, url, bodyText: text, publishedAt: date })
    .map(makeDraft);
  const stored = fc.record({
    canonicalUrl: url,
    title,
    text,
    publishedAt: date,
    isOwn: fc.boolean(),
    excerpt: fc.constant(null),
  });

  test('is the plan that comparing everything makes', () => {
    const drafts = fc.uniqueArray(draft, { selector: (each) => each.guid, maxLength: 10 });
    fc.assert(
      fc.property(drafts, fc.array(stored, { maxLength: 10 }), fc.nat(2), (items, found, known) => {
        const posts = found.map((each, id) => ({ ...each, id }));
        const others = posts.filter((each) => !each.isOwn);
        const bands = new Set(items.flatMap((item) => item.bands));
        const source = (item: (typeof items)[number], postId: number) =>
          [item.guidHash, { guidHash: `old ${postId}`, postId, draftHash: 'old' }] as const;
        const there: Stored = {
          known: new Map(items.slice(0, known).map(source)),
          moved: new Map(items.slice(1, 2 * known).map(source)),
          byAddress: posts,
          byBand: new Map([...bands].map((band) => [band, others])),
        };
        expect(allSteps(planDrafts(items, there))).toEqual(plainPlan(items, there));
      }),
    );
  });
});
