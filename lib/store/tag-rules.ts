import { everythingTag, tagsTag } from '../cache-tags.ts';
import { dbPool, type Tx } from '../db.ts';
import { whyHidden } from '../model/hidden-names.ts';
import { writeCacheEvents } from './cache-events.ts';
import { queueRetags } from './retags.ts';
import { logTagChanges } from './tag-changes.ts';
import { transactionAgain } from './transaction-again.ts';

/** Tags that are read at once. */
const BATCH_TAGS = 5_000;

interface Judged {
  id: number;
  name: string;
  hidden: boolean;
}

/**
 * Hides tags whose names say nothing (lib/model/hidden-names.ts), and shows those again that an
 * earlier rule hid. New tags meet the rule when they are made; this is for those that are older
 * than it. What the operator decided stays, also when they hid a tag past any command.
 * May run twice and anywhere.
 * @returns how many tags were hidden or shown.
 */
export async function judgeTags(): Promise<number> {
  let changed = 0;
  let after = 0;
  for (;;) {
    const { rows } = await dbPool().query<Judged>(
      `SELECT id, name, hidden FROM tags
       WHERE id > $1 AND (judged_by = 'rule' OR judged_by IS NULL AND NOT hidden)
       ORDER BY id LIMIT $2`,
      [after, BATCH_TAGS],
    );
    const last = rows.at(-1);
    if (last === undefined) return changed;
    after = last.id;
    const wrong = rows.filter(({ name, hidden }) => hidden !== (whyHidden(name) !== undefined));
    if (wrong.length > 0) changed += await transactionAgain((tx) => judge(tx, wrong));
  }
}

async function judge(tx: Tx, tags: Judged[]): Promise<number> {
  const { rows } = await tx.query<{
    id: number;
    slug: string;
    name: string;
    hidden: boolean;
    posts: number;
  }>(
    // Locked as one that polls hold: they end first, and their posts are queued as well.
    `WITH held AS MATERIALIZED (
       SELECT t.id FROM tags t WHERE t.id = ANY($1) ORDER BY t.id FOR UPDATE)
     UPDATE tags t SET hidden = NOT t.hidden, judged_by = CASE WHEN NOT t.hidden
                                                     THEN 'rule'::"TagActor" END
     FROM held, unnest($1::int[], $2::boolean[]) AS w (id, hidden)
     WHERE t.id = held.id AND t.id = w.id AND t.hidden = w.hidden
       AND t.judged_by IS DISTINCT FROM 'operator'
     RETURNING t.id, t.slug, t.name, t.hidden,
       (SELECT coalesce(sum(m.posts), 0)::int FROM tag_months m WHERE m.tag_id = t.id) AS posts`,
    [tags.map(({ id }) => id), tags.map(({ hidden }) => hidden)],
  );
  if (rows.length === 0) return 0;
  await logTagChanges(
    tx,
    rows.map(({ slug, name, hidden, posts }) => ({
      kind: hidden ? 'hide' : 'show',
      from: { slug, name },
      posts,
      by: 'rule',
      reason: whyHidden(name) ?? null,
    })),
  );
  await queueRetags(tx, 'renamed', {
    sql: 'SELECT post_id FROM post_tags WHERE tag_id = ANY($1)',
    values: [rows.map(({ id }) => id)],
  });
  await writeCacheEvents(tx, [everythingTag(), tagsTag()]);
  return rows.length;
}
