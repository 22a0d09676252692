import { unreachable } from '../errors.ts';
import type { TagOutcome, TagRefusal } from '../model/tag.ts';
import { tagSlug } from '../model/tag.ts';
import { listNearTags } from '../queries/tag-log.ts';
import { aliasTag, mergeTags, setTagHidden, splitAlias } from '../store/tag-governance.ts';
import { acceptProposal, rejectProposal } from '../store/tag-proposals.ts';

/** What the operator may ask of tags. Names may be slugs. */
export type TagWish =
  | { kind: 'alias' | 'merge'; from: string; into: string; reason?: string | undefined }
  | { kind: 'split' | 'hide' | 'show'; name: string; reason?: string | undefined }
  | { kind: 'accept'; id: number }
  | { kind: 'reject'; id: number; reason?: string | undefined };

/** Longer reasons are none; they stand in the public log. */
export const TAG_REASON_CHARACTERS_MAX = 300;

function reasonOf(given: string | undefined): string | null {
  const reason = given?.replace(/\s+/gu, ' ').trim().slice(0, TAG_REASON_CHARACTERS_MAX);
  return reason ? reason.toWellFormed() : null;
}

function grant(wish: TagWish): Promise<TagOutcome> {
  switch (wish.kind) {
    case 'alias':
      return aliasTag(wish.from, wish.into, reasonOf(wish.reason));
    case 'merge':
      return mergeTags(wish.from, wish.into, reasonOf(wish.reason));
    case 'split':
      return splitAlias(wish.name, reasonOf(wish.reason));
    case 'hide':
    case 'show':
      return setTagHidden(wish.name, wish.kind === 'hide', reasonOf(wish.reason));
    case 'accept':
      return acceptProposal(wish.id);
    case 'reject':
      return rejectProposal(wish.id, reasonOf(wish.reason));
    default:
      return unreachable(wish);
  }
}

/**
 * Does to tags what the operator wishes. Names change at once; posts, search and alerts follow by
 * a worker, the newest first. A name that nothing has comes back with those that look like it.
 */
export async function changeTags(wish: TagWish): Promise<TagOutcome> {
  const outcome = await grant(wish);
  if (outcome.kind !== 'unknown') return outcome;
  return { ...outcome, near: await listNearTags(tagSlug(outcome.name)) };
}

/** What came of a wish, in words: what is so, and what to do next. */
export interface TagWords {
  message: string;
  next?: string;
}

const quoted = (name: string) => `“${name}”`;

const REFUSALS: Record<TagRefusal, (from: string, into: string) => TagWords> = {
  same: (from, into) => ({ message: `${from} and ${into} are one tag already.` }),
  'is-alias': (from, into) => ({
    message: `${from} is another name of ${into} already.`,
    next: `Name ${into} itself, or split ${from} from it first.`,
  }),
  'has-posts': (from, into) => ({
    message: `${from} is a tag with posts, and an alias has none.`,
    next: `Merge it into ${into}: its posts go along, and its name becomes an alias.`,
  }),
  'into-hidden': (from, into) => ({
    message: `${into} is hidden: what is taken into it would not be seen any more.`,
    next: `Show ${into} first, or hide ${from}.`,
  }),
  'is-hidden': (from) => ({ message: `Nothing to do: ${from} is hidden already.` }),
  'is-shown': (from) => ({ message: `Nothing to do: ${from} is shown already.` }),
  'no-alias': (from) => ({
    message: `${from} is a tag of its own already.`,
    next: 'Name the alias that is to be one again; the list of tags has them.',
  }),
  'no-name': () => ({ message: 'A tag’s name has 1 to 64 characters.' }),
};

const LATER = 'Its posts follow within minutes, the newest first.';

/** Puts an outcome into words. */
export function tellOutcome(outcome: TagOutcome): TagWords {
  switch (outcome.kind) {
    case 'unknown': {
      const near = outcome.near.map(({ name }) => quoted(name)).join(', ');
      return {
        message: `There is no tag ${quoted(outcome.name)}.`,
        next:
          near === ''
            ? 'No tag’s name looks like it; the list of tags has all of them.'
            : `Did you mean ${near}?`,
      };
    }
    case 'no-proposal':
      return {
        message: `There is no open proposal ${outcome.id}.`,
        next: 'It was decided before, or its tags have changed since.',
      };
    case 'refused':
      return REFUSALS[outcome.why](quoted(outcome.from.name), quoted(outcome.into?.name ?? ''));
    case 'done':
      return tellDone(outcome);
    default:
      return unreachable(outcome);
  }
}

function tellDone({ change, from, into }: Extract<TagOutcome, { kind: 'done' }>): TagWords {
  const [one, other] = [quoted(from.name), quoted(into?.name ?? '')];
  switch (change) {
    case 'alias':
      return { message: `${one} means ${other} from now on.` };
    case 'merge':
      return { message: `${one} is ${other} now; its address leads there.`, next: LATER };
    case 'split':
      return {
        message: `${one} is a tag of its own again, apart from ${other}.`,
        next: 'Posts whose feeds say so bear it again within minutes.',
      };
    case 'hide':
      return { message: `${one} is hidden; its posts stay.`, next: LATER };
    case 'show':
      return { message: `${one} is shown again.`, next: LATER };
    case 'keep':
      return { message: `${one} and ${other} stay two tags; this is not proposed again.` };
    default:
      return unreachable(change);
  }
}
