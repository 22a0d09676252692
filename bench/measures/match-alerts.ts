import pg from 'pg';
import { dbPool } from '../../lib/db.ts';
import { MET_ALERTS } from '../../lib/store/match-queue.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { readPosts, storeAlerts } from '../alerts.ts';
import { storeCorpus } from '../corpus.ts';
import { FloorMatcher, type FloorPost } from '../floors/match.ts';
import { type House, withHouse } from '../house.ts';
import { type Measure, takeTurns, type Ways } from '../measure.ts';
import { meter } from '../polling.ts';

const POSTS_MAX = 500;
/** Posts whose matches are written at once, as the job does. */
const BATCH_POSTS = 50;
/** The scan of all alerts is slow; it is done with so many posts in each turn. */
const SCANNED_POSTS = 50;

type Look = { name: string; text: string };

const SCAN: Look = {
  name: 'scan',
  text: 'SELECT id FROM alerts WHERE $1::tsvector @@ tsquery',
};
/** One look-up for a post: what stands in the way of an anchor is only the rest of its query. */
const INLINE: Look = {
  name: 'inline',
  text: `SELECT alert_id AS id FROM bench_anchors
         WHERE lexeme = ANY($2::text[]) AND (rest IS NULL OR $1::tsvector @@ rest)`,
};
/** What the job asks, before it writes what it has found. */
const OURS: Look = { name: 'ours', text: `SELECT alert_id AS id FROM (${MET_ALERTS}) AS met` };

/** Nothing but what is looked for, lying in the order in which it is read. */
const MAKE_INLINE = `
  CREATE TABLE bench_anchors AS
    SELECT lexeme, id AS alert_id, CASE WHEN numnode(tsquery) > 1 THEN tsquery END AS rest
    FROM alerts, unnest(CASE WHEN anchors = '{}' THEN '{""}' ELSE anchors END) AS lexeme
    ORDER BY lexeme;
  CREATE INDEX ON bench_anchors (lexeme)`;

interface Vector {
  id: number;
  words: string;
  /** And the empty one. */
  lexemes: string[];
}

const valuesOf = (look: Look, { words, lexemes }: Vector) =>
  ({ scan: [words], inline: [words, lexemes] })[look.name] ?? [words, lexemes, new Date()];

/** Finds the alerts of each post, and reads their ids. */
async function lookUp(look: Look, vectors: Vector[], met = (_post: Vector, _id: number) => {}) {
  for (const post of vectors) {
    const values = valuesOf(look, post);
    const { rows } = await dbPool().query<{ id: number }>({ ...look, values });
    for (const { id } of rows) met(post, id);
  }
}

/** A choice may be found by each of its anchors. */
const pairsOf = (rows: { postId: number; alertId: number }[]) =>
  [...new Set(rows.map(({ postId, alertId }) => `${postId} ${alertId}`))].sort();

/** Makes every post wait for matching again, with no match and no mail. */
async function forget(house: House): Promise<void> {
  await dbPool().query('TRUNCATE alert_matches, deliveries CASCADE');
  await dbPool().query('UPDATE posts SET matched_at = NULL');
  await dbPool().query('VACUUM ANALYZE posts');
  await house.settle();
}

/** The inline loop, with its matches written to a bare table in batches. */
async function runFloor(matcher: FloorMatcher, posts: FloorPost[], pool: pg.Pool) {
  for (let at = 0; at < posts.length; at += BATCH_POSTS) {
    const alertIds: number[] = [];
    const postIds: number[] = [];
    for (const post of posts.slice(at, at + BATCH_POSTS)) {
      for (const id of matcher.match(post)) {
        alertIds.push(id);
        postIds.push(post.id);
      }
    }
    await pool.query(
      'INSERT INTO met (alert_id, post_id) SELECT * FROM unnest($1::int[], $2::int[])',
      [alertIds, postIds],
    );
  }
}

/** All ways must find the same, or the comparison means nothing. @returns how many matches. */
async function checkEqual(
  matcher: FloorMatcher,
  posts: FloorPost[],
  vectors: Vector[],
): Promise<number> {
  await matchAlerts();
  const stored = await dbPool().query<{ postId: number; alertId: number }>(
    'SELECT post_id AS "postId", alert_id AS "alertId" FROM alert_matches',
  );
  const found: Record<string, string[]> = {
    'the floor': pairsOf(
      posts.flatMap((post) => matcher.match(post).map((alertId) => ({ postId: post.id, alertId }))),
    ),
  };
  for (const [name, look, posts] of [
    ['our look-up', OURS, vectors],
    ['the inline anchors', INLINE, vectors],
    ['the scan', SCAN, vectors.slice(0, SCANNED_POSTS)],
  ] as const) {
    const rows: { postId: number; alertId: number }[] = [];
    await lookUp(look, posts, ({ id }, alertId) => rows.push({ postId: id, alertId }));
    found[name] = pairsOf(rows);
  }
  const scanned = new Set(vectors.slice(0, SCANNED_POSTS).map(({ id }) => id));
  for (const [name, pairs] of Object.entries(found)) {
    const looked =
      name === 'the scan' ? ({ postId }: { postId: number }) => scanned.has(postId) : () => true;
    const ours = pairsOf(stored.rows.filter(looked));
    if (pairs.join() === ours.join()) continue;
    throw new Error(`${ours.length} matches by Tagwire, ${pairs.length} others by ${name}`);
  }
  return stored.rows.length;
}

async function readVectors(): Promise<Vector[]> {
  const { rows } = await dbPool().query<Vector>(
    `SELECT id, words::text AS words, array_append(tsvector_to_array(words), '') AS lexemes
     FROM posts ORDER BY id`,
  );
  return rows;
}

/** Which alerts a post meets, and no more: what there is to do for each post and alert. */
function lookUpWays(house: House, vectors: Vector[]): Ways {
  const metered = meter(house, vectors.length);
  const scanned = vectors.slice(0, SCANNED_POSTS);
  return {
    ours: {
      name: 'one index of alerts in force, which is kept as they come and go; ids',
      run: () => metered(() => lookUp(OURS, vectors)),
    },
    floor: {
      name: 'anchors with the rest of the query inline, sorted once; ids',
      run: () => metered(() => lookUp(INLINE, vectors)),
    },
    beside: [
      {
        name: 'each alert with each post; ids',
        run: () => meter(house, scanned.length)(() => lookUp(SCAN, scanned)),
      },
    ],
  };
}

function jobWays(
  house: House,
  bare: pg.Pool,
  { matcher, posts }: { matcher: FloorMatcher; posts: FloorPost[] },
): Ways {
  const metered = meter(house, posts.length);
  return {
    ours: {
      name: 'the job: matches and mails written, with their keys to other tables',
      async run() {
        await forget(house);
        return metered(matchAlerts);
      },
    },
    floor: {
      name: 'alerts in memory, an inline loop; matches written to a bare table',
      async run() {
        await bare.query('TRUNCATE met');
        await house.settle();
        return metered(() => runFloor(matcher, posts, bare));
      },
    },
    beside: [
      {
        name: 'the inline loop alone, nothing written',
        run: () => metered(async () => void posts.map((post) => matcher.match(post))),
      },
    ],
  };
}

const NOTES = [
  'Half of the alerts are one word; the others are two words, phrases and exclusions, and 2 % are ' +
    'choices. All ways found the same.',
];

export const alertMatching: Measure = {
  name: 'match-alerts',
  about: 'posts that have come in, matched with many alerts',
  run: (setting, say) =>
    withHouse({}, async (house) => {
      await house.freshDatabase();
      const t0 = Date.now();
      await storeCorpus(Math.min(setting.posts, POSTS_MAX));
      await dbPool().query('UPDATE posts SET words = post_words(posts)');
      say(`corpus ${Date.now() - t0}`);
      const alerts = await storeAlerts(setting.alerts);
      say(`alerts ${Date.now() - t0}`);
      await dbPool().query(MAKE_INLINE);
      await dbPool().query('VACUUM ANALYZE bench_anchors');
      const [posts, vectors] = [await readPosts(), await readVectors()];
      const matcher = new FloorMatcher(alerts);
      await forget(house);
      const matches = await checkEqual(matcher, posts, vectors);
      say(`${alerts.length} alerts, ${posts.length} posts, ${matches} matches, all ways alike`);
      const bare = new pg.Pool({ connectionString: await house.emptyDatabase('floor'), max: 1 });
      bare.on('error', () => {}); // closing does not wait for a server that stops right after
      try {
        await bare.query(
          'CREATE TABLE met (alert_id int, post_id int, PRIMARY KEY (alert_id, post_id))',
        );
        const work = `${alerts.length} alerts, ${posts.length} posts, ${matches} matches`;
        const lookUps = await takeTurns(lookUpWays(house, vectors), setting.rounds, say);
        const jobs = await takeTurns(jobWays(house, bare, { matcher, posts }), setting.rounds, say);
        return [
          { name: 'alert look-up', work, unit: 'ms a post', ...lookUps, notes: NOTES },
          { name: 'alert matching', work, unit: 'ms a post', ...jobs, notes: NOTES },
        ];
      } finally {
        await bare.end();
      }
    }),
};
