import type { TagChangeKind, TagName, TagOutcome, TagRefusal } from '../../../lib/model/tag.ts';
import { tagSlug } from '../../../lib/model/tag.ts';

// What the page of tags is asked to say goes through its address, by kinds and slugs only: a text
// in an address would be anybody's.

const CHANGES = [
  'alias',
  'merge',
  'split',
  'hide',
  'show',
  'keep',
] as const satisfies TagChangeKind[];
const REFUSALS = [
  'same',
  'is-alias',
  'has-posts',
  'into-hidden',
  'is-hidden',
  'is-shown',
  'no-alias',
  'no-name',
] as const satisfies TagRefusal[];

/** Answers a form with the page of tags, so that reloading sends nothing twice (303). */
export function backToTags(outcome: TagOutcome): Response {
  const query = new URLSearchParams();
  switch (outcome.kind) {
    case 'done':
    case 'refused':
      query.set('done', outcome.kind === 'done' ? outcome.change : outcome.why);
      query.set('from', outcome.from.slug);
      if (outcome.into) query.set('into', outcome.into.slug);
      break;
    case 'unknown':
      query.set('done', 'unknown');
      query.set('from', tagSlug(outcome.name));
      break;
    case 'no-proposal':
      query.set('done', 'no-proposal');
      query.set('from', String(outcome.id));
  }
  return new Response(null, {
    status: 303,
    headers: { location: `/admin/tags?${query}`, 'cache-control': 'no-store' },
  });
}

const namedBy = (slug: string): TagName => ({ slug: tagSlug(slug), name: tagSlug(slug) });

/** The outcome that an address of the page tells, with slugs for names; undefined for none. */
export function outcomeFrom(query: {
  done?: string | undefined;
  from?: string | undefined;
  into?: string | undefined;
}): TagOutcome | undefined {
  const from = namedBy(query.from ?? '');
  const into = query.into === undefined ? null : namedBy(query.into);
  const change = CHANGES.find((each) => each === query.done);
  if (change) return { kind: 'done', change, from, into, posts: 0 };
  const why = REFUSALS.find((each) => each === query.done);
  if (why) return { kind: 'refused', why, from, into };
  if (query.done === 'unknown') return { kind: 'unknown', name: from.slug, near: [] };
  const id = Number(query.from);
  if (query.done === 'no-proposal' && Number.isInteger(id)) return { kind: 'no-proposal', id };
  return undefined;
}
