import pg from 'pg';
import { dbPool } from '../../lib/db.ts';
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

const SCAN = {
  name: 'scan',
  text: 'SELECT id FROM alerts WHERE $1::tsvector @@ tsquery',
};
/** One look-up for a post: what stands in the way of an anchor is only the rest of its query. */
const INLINE = {
  name: 'inline',
  text: `SELECT alert_id AS id FROM bench_anchors
         WHERE lexeme = ANY($2) AND (rest IS NULL OR $1::tsvector @@ rest)
         UNION ALL
         SELECT alert_id AS id FROM bench_anchors WHERE lexeme IS NULL AND $1::tsvector @@ rest`,
};
const MAKE_INLINE = `
  CREATE TABLE bench_anchors AS
    SELECT anchor AS lexeme, id AS alert_id,
           CASE WHEN numnode(tsquery) > 1 THEN tsquery END AS rest
    FROM alerts ORDER BY anchor;
  CREATE INDEX ON bench_anchors (lexeme);
  ANALYZE bench_anchors`;

interface Vector {
  id: number;
  words: string;
  lexemes: string[];
}

const pairsOf = (rows: { postId: number; alertId: number }[]) =>
  rows.map(({ postId, alertId }) => `${postId} ${alertId}`).sort();

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
    'the scan': [],
    'the inline anchors': [],
  };
  for (const { id: postId, words, lexemes } of vectors) {
    for (const [name, query, values] of [
      ['the scan', SCAN, [words]],
      ['the inline anchors', INLINE, [words, lexemes]],
    ] as const) {
      const { rows } = await dbPool().query<{ id: number }>({ ...query, values: [...values] });
      found[name]?.push(...pairsOf(rows.map(({ id }) => ({ postId, alertId: id }))));
    }
  }
  const ours = pairsOf(stored.rows).join();
  for (const [name, pairs] of Object.entries(found)) {
    if (pairs.sort().join() === ours) continue;
    throw new Error(`${stored.rows.length} matches by Tagwire, ${pairs.length} others by ${name}`);
  }
  return stored.rows.length;
}

async function readVectors(): Promise<Vector[]> {
  const { rows } = await dbPool().query<Vector>(
    'SELECT id, words::text AS words, tsvector_to_array(words) AS lexemes FROM posts ORDER BY id',
  );
  return rows;
}

function waysOf(
  house: House,
  bare: pg.Pool,
  { matcher, posts, vectors }: { matcher: FloorMatcher; posts: FloorPost[]; vectors: Vector[] },
): Ways {
  const metered = meter(house, posts.length);
  const scanned = vectors.slice(0, SCANNED_POSTS);
  const look = async (all: Vector[], query: typeof SCAN, valuesOf: (post: Vector) => unknown[]) => {
    for (const post of all) await dbPool().query({ ...query, values: valuesOf(post) });
  };
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
      {
        name: 'SQL: anchors with the rest of the query inline, ids only',
        run: () => metered(() => look(vectors, INLINE, (post) => [post.words, post.lexemes])),
      },
      {
        name: 'SQL: each alert with each post, ids only',
        run: () => meter(house, scanned.length)(() => look(scanned, SCAN, (post) => [post.words])),
      },
    ],
  };
}

export const alertMatching: Measure = {
  name: 'match-alerts',
  about: 'posts that have come in, matched with many alerts',
  run: (setting, say) =>
    withHouse({}, async (house) => {
      await house.freshDatabase();
      await storeCorpus(Math.min(setting.posts, POSTS_MAX));
      await dbPool().query('UPDATE posts SET words = post_words(posts)');
      const alerts = await storeAlerts(setting.alerts);
      await dbPool().query(MAKE_INLINE);
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
        const ways = waysOf(house, bare, { matcher, posts, vectors });
        const turns = await takeTurns(ways, setting.rounds, say);
        return [
          {
            name: 'alert matching',
            work: `${alerts.length} alerts, ${posts.length} posts, ${matches} matches`,
            unit: 'ms a post',
            ...turns,
            notes: [
              'Half of the alerts are one word; the others are two words, phrases and exclusions, ' +
                'and 2 % are choices, which have no anchor. All ways found the same.',
            ],
          },
        ];
      } finally {
        await bare.end();
      }
    }),
};
