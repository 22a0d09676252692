import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { config, isGiven } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { until } from '../../lib/embedded/process.ts';
import { startSampleFeeds } from '../../lib/embedded/sample-feeds.ts';
import { messageOf, TagwireError } from '../../lib/errors.ts';
import { removeDocuments } from '../../lib/search/index-documents.ts';
import { addFeeds, type FeedRow, listFeeds, removeFeed } from '../../lib/store/feeds.ts';
import { readOpml } from '../../lib/syndicate/opml.ts';
import { plural } from '../terminal-text.ts';
import type { House } from './house.ts';

/** The sample feeds take seconds; real ones keep to their spacing and are not waited for. */
const DEMO_WAIT_MS_MAX = 60_000;
const WATCH_MS_MAX = 10 * 60_000;
const WATCH_POLL_MS = 200;

/** Where the sample feeds were served the last time, and from when their dates count back. */
const SERVED = z.object({ port: z.number().int(), now: z.coerce.date() });

function readServed(file: string): z.infer<typeof SERVED> | undefined {
  if (!fs.existsSync(file)) return undefined;
  try {
    return SERVED.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return undefined; // half written by a start that was killed
  }
}

/**
 * Serves the bundled sample feeds for the demo and adds them; they are polled like any others.
 * A later start serves them at the same address with the same dates, so that posts stay the
 * same; when the port is taken by then, the posts from the old address go.
 */
export async function addSampleFeeds({ home, say, stops }: House): Promise<string> {
  const file = path.join(home, 'sample-feeds.json');
  const before = readServed(file);
  const port = await freePort(before?.port);
  const now = before?.now ?? new Date();
  const samples = await startSampleFeeds({ port, now });
  stops.push(samples.stop);
  fs.writeFileSync(file, JSON.stringify({ port, now }));
  if (before !== undefined && before.port !== port) {
    const old = `http://127.0.0.1:${before.port}`;
    const stale = (await listFeeds()).filter((feed) => new URL(feed.url).origin === old);
    for (const feed of stale) await removeDocuments((await removeFeed(feed.id))?.postIds ?? []);
  }
  const outlines = readOpml(samples.opml) ?? [];
  await addFeeds(outlines);
  say(`${plural(outlines.length, 'sample feed')} served on port ${port}`);
  return samples.url;
}

/**
 * Adds the feeds of FEEDS_FILE when there are no feeds yet.
 * @throws TagwireError when a file that the operator named cannot be used.
 */
export async function addFirstFeeds({ say }: House): Promise<void> {
  if ((await listFeeds()).length > 0) return;
  const { feedsFile } = config();
  try {
    const outlines = readOpml(fs.readFileSync(feedsFile, 'utf8'));
    if (outlines === undefined || outlines.length === 0) throw new Error('it lists no feeds');
    await addFeeds(outlines);
    say(`${plural(outlines.length, 'feed')} added from ${feedsFile}`);
  } catch (cause) {
    const problem = `No feeds were added: ${feedsFile} cannot be used (${messageOf(cause)}).`;
    const next = 'Name an OPML file in FEEDS_FILE, or add feeds with `bin/tagwire feeds add URL`.';
    if (isGiven('FEEDS_FILE')) throw new TagwireError(problem, next, { cause });
    say(`${problem} ${next}`);
  }
}

/** The feeds that the worker will poll as soon as it runs, by id. */
export async function listDueFeeds(): Promise<Map<number, FeedRow>> {
  const now = new Date();
  const due = (await listFeeds()).filter((f) => f.status === 'active' && f.nextCheckAt <= now);
  return new Map(due.map((feed) => [feed.id, feed]));
}

async function countPosts(): Promise<{ posts: number; waiting: number }> {
  const { rows } = await dbPool().query(
    `SELECT count(*)::int AS posts, count(*) FILTER (WHERE indexed_at IS NULL)::int AS waiting
     FROM posts`,
  );
  return rows[0];
}

/** Takes feeds that have been polled out of `due`, and says of each that failed what failed. */
async function takePolled(house: House, due: Map<number, FeedRow>): Promise<number> {
  let failed = 0;
  for (const feed of await listFeeds()) {
    const before = due.get(feed.id);
    const isPolled = (feed.checkedAt?.getTime() ?? 0) > (before?.checkedAt?.getTime() ?? 0);
    if (before === undefined || !isPolled) continue;
    due.delete(feed.id);
    if (feed.errorText === null) continue;
    failed++;
    const next = feed.nextCheckAt.toISOString().slice(11, 16);
    house.say(`${feed.title}: ${feed.errorText}. It is tried again at ${next} UTC`);
  }
  return failed;
}

/**
 * Follows the worker's first polls until every feed of `due` has been polled and its posts are
 * indexed. Says nothing when none is due (a restart).
 */
export async function watchFirstPoll(house: House, due: Map<number, FeedRow>): Promise<void> {
  if (due.size === 0) return;
  const { signal } = house.halt;
  const limitMs = house.demo ? DEMO_WAIT_MS_MAX : WATCH_MS_MAX;
  const all = due.size;
  let failed = 0;
  await until(
    async () => {
      if (!signal.aborted) failed += await takePolled(house, due);
      return signal.aborted || due.size === 0;
    },
    limitMs,
    WATCH_POLL_MS,
  );
  const isIndexed = async () => signal.aborted || (await countPosts()).waiting === 0;
  if (config().meiliUrl !== undefined) await until(isIndexed, limitMs, WATCH_POLL_MS);
  if (signal.aborted) return;
  const { posts } = await countPosts();
  const open = due.size > 0 ? `, ${due.size} still to come` : '';
  const bad = failed > 0 ? `, ${failed} of them failed` : '';
  if (failed > 0 && failed === all) house.say('no feed could be read: is this machine online?');
  house.say(`${plural(all - due.size, 'feed')} polled${bad}${open}: ${plural(posts, 'post')}`);
}
