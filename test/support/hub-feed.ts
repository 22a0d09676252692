import { dbPool } from '../../lib/db.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { askHubs } from '../../workers/jobs/ask-hubs.ts';
import { emptyTables } from './empty-tables.ts';
import { type FeedServer, rss } from './feed-server.ts';
import type { Hub } from './hub.ts';
import { pollNow } from './poll-now.ts';

type Items = Parameters<typeof rss>[1];

const MINUTE_MS = 60_000;
/** One for all: an item that is served twice is the same item, also in the next second. */
const WRITTEN_AT = new Date(Date.now() - MINUTE_MS).toISOString();

/** A feed as RSS 2.0 that names hubs, with items of a minute ago unless they say otherwise. */
export function rssWithHub(items: Items, hubs: string[], self?: string): string {
  const links = [
    ...hubs.map((href) => `<atom:link rel="hub" href="${href}"/>`),
    ...(self === undefined ? [] : [`<atom:link rel="self" href="${self}"/>`]),
  ];
  const dated = items.map((item) => ({ date: WRITTEN_AT, ...item }));
  return rss('Pond News', dated)
    .replace(
      '<link>https://example.org/</link>',
      `<link>https://example.org/</link>${links.join('')}`,
    )
    .replace('<rss ', '<rss xmlns:atom="http://www.w3.org/2005/Atom" ');
}

/** Adds the feed at `path` of the server and polls it once. @returns its id. */
export async function addPolled(server: FeedServer, path: string): Promise<number> {
  const [added] = await addFeeds([{ url: server.at(path) }]);
  const id = added?.id ?? 0;
  await pollNow(id);
  return id;
}

/** A feed with one item, polled, whose hub has verified our subscription. @returns its id. */
export async function addSubscribed(server: FeedServer, hub: Hub, path = '/a'): Promise<number> {
  server.serve(path, { body: rssWithHub([{ title: 'Old' }], [hub.url], server.at(path)) });
  const id = await addPolled(server, path);
  await askHubs();
  await hub.settled();
  return id;
}

/** What a feed's subscriptions are, the one that is not ending first. */
export async function subscriptionsOf(feedId: number | null) {
  const { rows } = await dbPool().query(
    `SELECT id, hub, topic, status, awaits, attempts, error_text AS error,
            requested_at AS "requestedAt", verified_at AS "verifiedAt", due_at AS "dueAt",
            active_since AS "activeSince", lease_until AS "leaseUntil", pushed_at AS "pushedAt",
            missed_at AS "missedAt"
     FROM websub_subscriptions WHERE feed_id IS NOT DISTINCT FROM $1
     ORDER BY status = 'ending', id`,
    [feedId],
  );
  return rows;
}

/** Titles of all posts, oldest first. */
export async function titles(): Promise<string[]> {
  const { rows } = await dbPool().query<{ title: string }>('SELECT title FROM posts ORDER BY id');
  return rows.map((row) => row.title);
}

/** Empties what these tests fill. */
export async function clearFeeds(): Promise<void> {
  await emptyTables(['feeds', 'tags', 'cache_events', 'websub_subscriptions'], {
    isNumberedAnew: true,
  });
  await dbPool().query('SELECT graphile_worker.remove_job(key) FROM graphile_worker.jobs');
}

/** Names of the jobs that wait for a worker. */
export async function jobs(): Promise<string[]> {
  const { rows } = await dbPool().query<{ name: string }>(
    'SELECT task_identifier AS name FROM graphile_worker.jobs ORDER BY 1',
  );
  return rows.map((row) => row.name);
}
