import { beforeAll, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { readCursor, writeCursor } from '../../lib/queries/cursor.ts';
import { findInList } from '../../lib/queries/list-ranges.ts';
import { PROBES_MAX, TAGGED } from '../../lib/queries/tagged-posts.ts';
import { getTagSummary } from '../../lib/queries/tags.ts';
import { useDatabase } from '../support/database.ts';
import { wholeReads } from '../support/table-reads.ts';

// Among 300,000 posts, lists of several tags look at no more posts than a page may cost.

useDatabase();

const POSTS = 300_000;
/** The way down an index for each of two look-ups; reading along one would be hundreds. */
const BLOCKS_A_PROBE_MAX = 10;
/** Which posts bear a tag, by their number n: 1 is the newest, an hour lies between two. */
const TAGS = {
  even: 'n % 2 = 0',
  odd: 'n % 2 = 1',
  third: 'n % 3 = 0',
  rare: 'n % 1000 = 0',
  new: 'n <= 10000',
  old: `n > ${POSTS - 10_000}`,
};
type Name = keyof typeof TAGS;
const ids = (...names: Name[]) => names.map((name) => Object.keys(TAGS).indexOf(name) + 1);
const terms = (plus: Name[], without: Name[] = []) => ({
  kind: 'tags' as const,
  terms: { with: ids(...plus), without: ids(...without) },
});

beforeAll(async () => {
  const client = await dbPool().connect();
  try {
    // Only the rows that are read: a tag's list is found without the posts themselves.
    await client.query('SET session_replication_role = replica');
    await client.query(
      'INSERT INTO tags (slug, name) SELECT s, s FROM unnest($1::text[]) WITH ORDINALITY AS t (s, i) ORDER BY i',
      [Object.keys(TAGS)],
    );
    for (const [i, meets] of Object.values(TAGS).entries()) {
      await client.query(
        `INSERT INTO post_tags (post_id, tag_id, sort_at)
         SELECT ${POSTS} - n + 1, $1, timestamptz '2026-06-01Z' - n * interval '1 hour'
         FROM generate_series(1, ${POSTS}) AS n WHERE ${meets}`,
        [i + 1],
      );
    }
    await client.query(
      `INSERT INTO tag_months (tag_id, month, posts)
       SELECT tag_id, date_trunc('month', sort_at AT TIME ZONE 'UTC'), count(*)
       FROM post_tags GROUP BY 1, 2`,
    );
    await client.query('SET session_replication_role = DEFAULT');
    await client.query('VACUUM ANALYZE post_tags, tag_months');
  } finally {
    client.release();
  }
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The steps of the query of a page, and how many rows they gave. */
async function explain(driver: Name, others: Name[], without: Name[] = []): Promise<Plan[]> {
  const { rows } = await dbPool().query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${TAGGED}`,
    [
      ids(driver)[0],
      '9999-01-01',
      2 ** 31 - 1,
      '1970-01-01',
      '9999-01-01',
      ids(...others),
      ids(...without),
      21,
    ],
  );
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  if (plan === undefined) throw new Error('no plan');
  return nodesOf(plan);
}

/** Numbers n of the posts of a page. */
const numbers = async (...of: Parameters<typeof terms>) =>
  (await findInList(terms(...of), { limit: 3 })).posts.map(({ id }) => POSTS + 1 - id);

describe('among 300,000 posts', () => {
  test.each<[Name, Name[], Name[]]>([
    ['third', ['even'], []],
    ['third', ['even'], ['rare']],
    ['odd', ['even'], []],
    ['rare', ['even', 'third'], ['old']],
    ['even', [], ['third', 'rare']],
  ])('going through %s, with %j and without %j, reads and sorts no whole tag', async (...of) => {
    const nodes = await explain(...of);
    const types = nodes.map((node) => node['Node Type']);
    expect(types.filter((type) => /Seq Scan|Sort|Hash|Merge|Bitmap/u.test(type))).toEqual([]);
    const rows = nodes.map((node) => node['Actual Rows'] * node['Actual Loops']);
    expect(Math.max(...rows)).toBeLessThanOrEqual(PROBES_MAX);
    const [whole] = nodes;
    const blocks = (whole?.['Shared Hit Blocks'] ?? 0) + (whole?.['Shared Read Blocks'] ?? 0);
    expect(blocks).toBeLessThanOrEqual(PROBES_MAX * BLOCKS_A_PROBE_MAX);
  });

  test('a page stops as soon as it is full', async () => {
    const nodes = await explain('third', ['even']);
    const looked = nodes.filter((node) => node['Relation Name'] === 'post_tags');
    expect(Math.max(...looked.map((node) => node['Actual Rows']))).toBeLessThan(100);
  });

  test('the head of the largest tag is that of its newest posts', async () => {
    const before = await wholeReads(['post_tags']);
    const summary = await getTagSummary({ id: ids('even')[0] ?? 0, slug: 'even', name: 'Even' });
    expect(summary).toMatchObject({ posts: POSTS / 2, sampled: 500 });
    expect(summary.related.map(({ slug, posts }) => [slug, posts])).toEqual([
      ['new', 500],
      ['third', 166],
      ['rare', 1],
    ]);
    expect(await wholeReads(['post_tags'])).toEqual(before);
  });

  test('finds what bears all tags that are wanted and none that is not', async () => {
    expect(await numbers(['even', 'third'])).toEqual([6, 12, 18]);
    expect(await numbers(['third'], ['even'])).toEqual([3, 9, 15]);
    expect(await numbers(['rare', 'even', 'third'], ['new'])).toEqual([12_000, 15_000, 18_000]);
    expect(await numbers(['old', 'rare'])).toEqual([291_000, 292_000, 293_000]);
  });

  test('tags that never meet in a month cost no look at a post', async () => {
    const found = await findInList(terms(['new', 'old']), { limit: 20 });
    expect(found).toEqual({ posts: [], older: undefined });
  });

  test('two large tags that meet nowhere are looked through a page at a time', async () => {
    let before: ReturnType<typeof readCursor>;
    let pages = 0;
    do {
      const { posts, older } = await findInList(terms(['even', 'odd']), { before, limit: 20 });
      expect(posts).toEqual([]);
      before = older === undefined ? undefined : readCursor(writeCursor(older));
      pages++;
    } while (before !== undefined);
    // The last place is that of the last post: after it, nothing is found out.
    expect(pages).toBeLessThanOrEqual(POSTS / 2 / PROBES_MAX + 1);
  });

  test('pages after each other leave nothing out, however far apart its posts are', async () => {
    const seen: number[] = [];
    let before: ReturnType<typeof readCursor>;
    do {
      const { posts, older } = await findInList(terms(['even', 'rare'], ['third']), {
        before,
        limit: 20,
      });
      seen.push(...posts.map(({ id }) => POSTS + 1 - id));
      before = older;
    } while (before !== undefined);
    const expected = Array.from({ length: 300 }, (_, i) => (i + 1) * 1000).filter((n) => n % 3);
    expect(seen).toEqual(expected);
  });
});
