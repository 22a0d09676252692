import { everythingTag, tagsTag } from '../cache-tags.ts';
import type { Tx } from '../db.ts';
import { TAG_CHARACTERS_MAX, type TagName, type TagOutcome, tagSlug } from '../model/tag.ts';
import { writeCacheEvents } from './cache-events.ts';
import { enqueue } from './jobs.ts';
import { PAIRED } from './locks.ts';
import { queueRetags } from './retags.ts';
import { logTagChanges } from './tag-changes.ts';
import { transactionAgain } from './transaction-again.ts';

// What the operator does to tags. Each wish is one short transaction that changes names; what
// follows for posts is queued (tag-merges.ts, retags.ts). Polls lose nothing meanwhile: those that
// hold one of the tags end first, later ones find it as it is then.

/** What a name means now. */
type Meaning =
  | { kind: 'tag'; id: number; tag: TagName; hidden: boolean; posts: number }
  | { kind: 'alias'; alias: TagName; id: number; tag: TagName; hidden: boolean; posts: number }
  | { kind: 'none' };

const POSTS = `(SELECT coalesce(sum(m.posts), 0)::int FROM tag_months m WHERE m.tag_id = t.id)`;

async function readMeaning(tx: Tx, slug: string): Promise<Meaning> {
  const { rows } = await tx.query<{
    id: number;
    slug: string;
    name: string;
    hidden: boolean;
    posts: number;
    alias: string | null;
  }>(
    `SELECT t.id, t.slug, t.name, t.hidden, ${POSTS} AS posts,
            coalesce(nullif(a.name, ''), a.slug) AS alias
     FROM tag_aliases a JOIN tags t ON t.id = a.tag_id WHERE a.slug = $1
     UNION ALL
     SELECT t.id, t.slug, t.name, t.hidden, ${POSTS}, NULL FROM tags t
     WHERE t.slug = $1 AND NOT EXISTS (SELECT FROM tag_aliases WHERE slug = $1)`,
    [slug],
  );
  const [row] = rows;
  if (row === undefined) return { kind: 'none' };
  const { id, hidden, posts } = row;
  const found = { id, hidden, posts, tag: { slug: row.slug, name: row.name } };
  if (row.alias === null) return { kind: 'tag', ...found };
  return { kind: 'alias', alias: { slug, name: row.alias }, ...found };
}

/** Waits for polls that hold the tag, and keeps others off until this transaction ends. */
async function holdTag(tx: Tx, id: number): Promise<void> {
  await tx.query('SELECT FROM tags WHERE id = $1 FOR UPDATE', [id]);
}

type Wish = (tx: Tx) => Promise<TagOutcome>;

const inTurn = (wish: Wish): Promise<TagOutcome> =>
  transactionAgain(async (tx) => {
    // One wish at a time: no two of them make a circle of aliases.
    await tx.query('SELECT pg_advisory_xact_lock($1, 0)', [PAIRED.governance]);
    return wish(tx);
  });

type Done = Extract<TagOutcome, { kind: 'done' }>;

/** Writes the log, and that all that is shown may be stale: any page may name the tag. */
async function finish(tx: Tx, done: Omit<Done, 'kind'>, reason: string | null): Promise<Done> {
  await logTagChanges(tx, [
    {
      kind: done.change,
      from: done.from,
      into: done.into,
      posts: done.posts,
      by: 'operator',
      reason,
    },
  ]);
  await writeCacheEvents(tx, [everythingTag(), tagsTag()]);
  return { kind: 'done', ...done };
}

const unknown = (name: string): TagOutcome => ({ kind: 'unknown', name, near: [] });

const postsOf = (tagId: number) => ({
  sql: 'SELECT post_id FROM post_tags WHERE tag_id = $1',
  values: [tagId],
});

/** A name as it was typed, with the slug that it has. */
const namedBy = (typed: string): TagName => {
  const name = typed.replace(/\s+/gu, ' ').trim();
  return { slug: tagSlug(name), name };
};

type Target = Extract<Meaning, { kind: 'tag' }>;

/** The tag that a name leads to, or why nothing can be taken into it. */
async function readTarget(
  tx: Tx,
  from: TagName,
  typed: string,
): Promise<{ kind: 'target'; into: Target } | TagOutcome> {
  const found = await readMeaning(tx, tagSlug(typed));
  if (found.kind === 'none') return unknown(typed);
  const into: Target = { ...found, kind: 'tag' };
  if (into.tag.slug === from.slug) {
    // By the name that was given, where that is another one of the same tag.
    const given = found.kind === 'alias' ? found.alias : into.tag;
    return { kind: 'refused', why: 'same', from, into: given };
  }
  if (into.hidden) return { kind: 'refused', why: 'into-hidden', from, into: into.tag };
  return { kind: 'target', into };
}

/** Has the name mean a tag from now on; other names of what had it follow. */
async function pointAlias(tx: Tx, from: TagName, into: Target): Promise<void> {
  await tx.query(
    `UPDATE tag_aliases a SET tag_id = $2 FROM tags t WHERE t.slug = $1 AND a.tag_id = t.id`,
    [from.slug, into.id],
  );
  await tx.query('INSERT INTO tag_aliases (slug, tag_id, name) VALUES ($1, $2, $3)', [
    from.slug,
    into.id,
    from.name,
  ]);
}

/**
 * Has a name mean a tag from now on. The name need not be known; one that has posts is refused,
 * for then merging is meant.
 */
export function aliasTag(
  typed: string,
  target: string,
  reason: string | null,
): Promise<TagOutcome> {
  return inTurn(async (tx) => {
    const given = namedBy(typed);
    if (given.name === '' || given.name.length > TAG_CHARACTERS_MAX) {
      return { kind: 'refused', why: 'no-name', from: given, into: null };
    }
    const before = await readMeaning(tx, given.slug);
    const from = before.kind === 'tag' ? before.tag : given;
    const goal = await readTarget(tx, from, target);
    if (goal.kind !== 'target') return goal;
    if (before.kind === 'alias') {
      const why = before.id === goal.into.id ? 'same' : 'is-alias';
      return { kind: 'refused', why, from: before.alias, into: before.tag };
    }
    if (before.kind === 'tag') {
      await holdTag(tx, before.id);
      const { posts } = (await readMeaning(tx, given.slug)) as Target;
      if (posts > 0) return { kind: 'refused', why: 'has-posts', from, into: goal.into.tag };
    }
    await pointAlias(tx, from, goal.into);
    await tx.query('DELETE FROM tags WHERE slug = $1', [from.slug]);
    return finish(tx, { change: 'alias', from, into: goal.into.tag, posts: 0 }, reason);
  });
}

/**
 * Takes a tag into another one: its name and all names of it mean the other from the end of this
 * transaction on; its posts follow in steps (lib/store/tag-merges.ts).
 */
export function mergeTags(
  typed: string,
  target: string,
  reason: string | null,
): Promise<TagOutcome> {
  return inTurn(async (tx) => {
    const before = await readMeaning(tx, tagSlug(typed));
    if (before.kind === 'none') return unknown(typed);
    const from = before.kind === 'alias' ? before.alias : before.tag;
    const goal = await readTarget(tx, from, target);
    if (goal.kind !== 'target') return goal;
    if (before.kind === 'alias') {
      const why = before.id === goal.into.id ? 'same' : 'is-alias';
      return { kind: 'refused', why, from, into: before.tag };
    }
    await holdTag(tx, before.id);
    await pointAlias(tx, from, goal.into);
    // Until its last post has gone it is nobody's any more, and no rule's.
    await tx.query(`UPDATE tags SET hidden = true, judged_by = 'operator' WHERE id = $1`, [
      before.id,
    ]);
    await enqueue(tx, 'retag-posts');
    const { posts } = before;
    return finish(tx, { change: 'merge', from, into: goal.into.tag, posts }, reason);
  });
}

/**
 * Makes an alias a tag of its own again. The posts of the tag that it meant are made anew from
 * their raw categories, so those that say the name bear it again.
 */
export function splitAlias(typed: string, reason: string | null): Promise<TagOutcome> {
  return inTurn(async (tx) => {
    const before = await readMeaning(tx, tagSlug(typed));
    if (before.kind === 'none') return unknown(typed);
    if (before.kind === 'tag') {
      return { kind: 'refused', why: 'no-alias', from: before.tag, into: null };
    }
    const { alias, id, tag, posts } = before;
    await holdTag(tx, id);
    await tx.query('DELETE FROM tag_aliases WHERE slug = $1', [alias.slug]);
    await tx.query(
      `INSERT INTO tags (slug, name) VALUES ($1, $2)
       ON CONFLICT (slug) DO UPDATE SET hidden = false, judged_by = NULL`,
      [alias.slug, alias.name],
    );
    await queueRetags(tx, 'anew', postsOf(id));
    return finish(tx, { change: 'split', from: alias, into: tag, posts }, reason);
  });
}

/** Hides a tag, or shows it again; rules leave it alone from then on. Its posts stay. */
export function setTagHidden(
  typed: string,
  hidden: boolean,
  reason: string | null,
): Promise<TagOutcome> {
  return inTurn(async (tx) => {
    const before = await readMeaning(tx, tagSlug(typed));
    if (before.kind === 'none') return unknown(typed);
    if (before.kind === 'alias') {
      return { kind: 'refused', why: 'is-alias', from: before.alias, into: before.tag };
    }
    const { id, tag: from, posts } = before;
    if (before.hidden === hidden) {
      return { kind: 'refused', why: hidden ? 'is-hidden' : 'is-shown', from, into: null };
    }
    await holdTag(tx, id);
    await tx.query(`UPDATE tags SET hidden = $2, judged_by = 'operator' WHERE id = $1`, [
      id,
      hidden,
    ]);
    await queueRetags(tx, 'renamed', postsOf(id));
    return finish(tx, { change: hidden ? 'hide' : 'show', from, into: null, posts }, reason);
  });
}
