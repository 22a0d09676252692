import { dbPool } from '../lib/db.ts';
import { closeFetchConnections } from '../lib/fetch/client.ts';
import { closeReadThreads } from '../lib/ingest/read-feed.ts';
import { addFeeds } from '../lib/store/feeds.ts';
import { startCpuClock } from './cpu.ts';
import { type FeedFarm, startFeedFarm } from './feed-farm.ts';
import { type House, withHouse } from './house.ts';
import { type Cost, type Say, timed } from './measure.ts';

/** Runs `work` with a Postgres and a farm of feeds. */
export async function withFarm<T>(
  feeds: number,
  say: Say,
  work: (house: House, farm: FeedFarm) => Promise<T>,
): Promise<T> {
  const farm = await startFeedFarm(feeds);
  say(`${farm.feeds} feeds with ${farm.posts} posts are served on ${farm.url}`);
  try {
    return await withHouse({}, (house) => work(house, farm));
  } finally {
    await closeFetchConnections();
    await closeReadThreads();
    farm.stop();
  }
}

/** Counts the time and CPU of some work, in milliseconds for each of its `pieces`. */
export function meter(house: House, pieces: number) {
  return async (work: () => Promise<unknown>): Promise<Cost> => {
    const readCpu = startCpuClock([house.postgresPid], { own: true });
    const time = (await timed(work)) / pieces;
    const seconds = readCpu();
    return { time, cpu: seconds === undefined ? undefined : (seconds * 1000) / pieces };
  };
}

/** How many posts there are. */
export async function countPosts(): Promise<number> {
  const { rows } = await dbPool().query<{ n: number }>('SELECT count(*)::int AS n FROM posts');
  return rows[0]?.n ?? 0;
}

/** Adds a farm's feeds, all due at once: the first polls of a long list would be spread over time. */
export async function addDueFeeds(farm: FeedFarm): Promise<void> {
  await addFeeds(Array.from({ length: farm.feeds }, (_, n) => ({ url: farm.urlOf(n + 1) })));
  await makeDue();
}

/** Makes all feeds due at once. */
export async function makeDue(): Promise<void> {
  await dbPool().query(`UPDATE feeds SET next_check_at = now() - interval '1 second'`);
}
