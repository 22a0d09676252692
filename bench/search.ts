import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { migrateAll } from '../bin/migrate-database.ts';
import { config, provideSettings } from '../lib/config.ts';
import { closeDb, dbPool } from '../lib/db.ts';
import { startServers } from '../lib/embedded/servers.ts';
import { slugOf } from '../lib/model/slug.ts';
import { searchPosts } from '../lib/queries/search.ts';
import { indexPosts } from '../workers/jobs/index-posts.ts';

const POSTS = 2000;
const SOURCES = 40;
const TAGS = 120;
const VOCABULARY_WORDS = 12_000;
const TEXT_WORDS = 400;
const QUERIES = 50;
const ROUNDS = 4;
/** Words are used as often as in a language: the n-th most frequent about 1/n of the time. */
const ZIPF = 0.9;

/** Chance that is the same in every run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Picks ranks from 0 to `count` - 1, low ones more often. */
function zipf(count: number, random: () => number): () => number {
  const sums: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= count; rank++) {
    total += 1 / rank ** ZIPF;
    sums.push(total);
  }
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? total) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const SYLLABLES = [
  'ka',
  'to',
  'ri',
  'men',
  'sol',
  'ver',
  'lin',
  'da',
  'po',
  'gu',
  'ne',
  'fi',
  'bra',
];

/** The word of a rank: the same for the same rank, different for different ones. */
function word(rank: number): string {
  let text = '';
  for (let rest = rank + SYLLABLES.length; rest > 0; ) {
    text += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return text;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Stores the posts past savePosts: it is not what is measured here. */
async function makeCorpus(): Promise<void> {
  const random = chance(1);
  const pickWord = zipf(VOCABULARY_WORDS, random);
  const pickTag = zipf(TAGS, random);
  const words = (count: number) => Array.from({ length: count }, () => word(pickWord())).join(' ');
  const posts = Array.from({ length: POSTS }, (_, n) => ({
    feed: 1 + Math.floor(random() * SOURCES),
    title: words(6),
    text: words(TEXT_WORDS),
    hash: sha256(String(n)),
    tags: [...new Set([pickTag(), pickTag(), pickTag()])].map((rank) => rank + 1),
  }));
  const pool = dbPool();
  await pool.query(
    `INSERT INTO feeds (url, slug, title)
     SELECT 'https://s' || n || '.example/feed', 's' || n, 'Source ' || n
     FROM generate_series(1, $1::int) n`,
    [SOURCES],
  );
  const names = Array.from({ length: TAGS }, (_, rank) => `Topic ${word(rank)}`);
  await pool.query(`INSERT INTO tags (slug, name) SELECT * FROM unnest($1::text[], $2::text[])`, [
    names.map(slugOf),
    names,
  ]);
  await pool.query(
    `INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                        word_count, content_hash, sort_at)
     SELECT feed, 'https://p.example/' || n, 'https://p.example/' || n, title, text, text,
            left(text, 300), $5, hash, timestamptz '2026-01-01Z' + n * interval '1 hour'
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])
          WITH ORDINALITY AS p (feed, title, text, hash, n)`,
    [
      posts.map((post) => post.feed),
      posts.map((post) => post.title),
      posts.map((post) => post.text),
      posts.map((post) => post.hash),
      TEXT_WORDS,
    ],
  );
  await pool.query(
    `INSERT INTO post_tags (post_id, tag_id, sort_at)
     SELECT p.id, t.tag, p.sort_at FROM unnest($1::int[], $2::int[]) AS t (post, tag)
     JOIN posts p ON p.id = t.post`,
    [posts.flatMap((post, n) => post.tags.map(() => n + 1)), posts.flatMap((post) => post.tags)],
  );
  await pool.query('ANALYZE');
}

const agent = new http.Agent({ keepAlive: true });

/** The floor: one request to Meilisearch for the same hits, facets and highlights. */
function rawSearch(q: string): Promise<void> {
  const { meiliUrl, meiliKey, meiliIndex } = config();
  const body = JSON.stringify({
    queries: [
      {
        indexUid: meiliIndex,
        q,
        matchingStrategy: 'all',
        hitsPerPage: 20,
        page: 1,
        facets: ['tagSlugs', 'sourceSlug'],
        attributesToRetrieve: ['id'],
        attributesToHighlight: ['title', 'text'],
        attributesToCrop: ['text'],
        cropLength: 40,
      },
    ],
  });
  const headers = {
    authorization: `Bearer ${meiliKey}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${meiliUrl}/multi-search`, { method: 'POST', headers, agent });
    request.on('error', reject);
    request.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      if (response.statusCode === 200 && JSON.parse(text).results.length === 1) resolve();
      else reject(new Error(`Meilisearch answered ${response.statusCode}: ${text.slice(0, 200)}`));
    });
    request.end(body);
  });
}

async function ourSearch(q: string): Promise<void> {
  const found = await searchPosts({ q });
  if (found.kind !== 'found') throw new Error(`search is ${found.kind}`);
}

const timed = async (work: () => Promise<void>) => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const median = (times: number[]) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;

/** Both ways take turns, query by query, so that a busy moment of the machine hits both. */
async function compare(): Promise<{ ours: number; floor: number }> {
  const pick = zipf(VOCABULARY_WORDS / 2, chance(2));
  // Not the most frequent words, which are in every post.
  const term = () => word(200 + pick());
  const queries = Array.from({ length: QUERIES }, (_, n) =>
    n % 2 ? `${term()} ${term()}` : term(),
  );
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const q of queries) {
      const both = [await timed(() => rawSearch(q)), await timed(() => ourSearch(q))] as const;
      if (round === 0) continue; // caches of both servers are filled
      floor.push(both[0]);
      ours.push(both[1]);
    }
  }
  return { ours: median(ours), floor: median(floor) };
}

/**
 * Searches 2,000 posts: searchPosts (facets, highlights, names of today from Postgres) beside
 * one raw request to Meilisearch. Starts its own servers, and stops them.
 */
export async function measure() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-bench-search-'));
  fs.chmodSync(dataDir, 0o755); // Postgres may run as another user, who must be able to enter
  provideSettings({ DATABASE_URL: '', MEILI_URL: '', MEILI_KEY: '', LOG_LEVEL: 'warn' });
  const servers = await startServers(dataDir, { database: true, search: true }, () => {});
  try {
    provideSettings(servers.settings);
    if (config().meiliUrl === undefined) throw new Error('There is no Meilisearch to measure.');
    await migrateAll(config().databaseUrl ?? '');
    await makeCorpus();
    const indexing = await timed(async () => void (await indexPosts()));
    const { ours, floor } = await compare();
    return {
      name: 'search, median',
      ours,
      floor,
      unit: 'ms',
      ratio: ours / floor,
      note: `${POSTS} posts, facets and highlights; indexed in ${(indexing / 1000).toFixed(1)} s`,
    };
  } finally {
    agent.destroy();
    await closeDb();
    await servers.stop();
    fs.rmSync(dataDir, { recursive: true });
  }
}

if (import.meta.main) console.log(JSON.stringify(await measure(), null, 2));
