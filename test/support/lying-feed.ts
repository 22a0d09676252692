import type { PollReport } from '../../lib/model/feed.ts';
import { useDatabase } from './database.ts';
import { rss } from './feed-server.ts';
import { type Answer, send, useLyingServer } from './lying-server.ts';
import { type Clock, useStoppedClock } from './pass-time.ts';
import { type PolledFeeds, usePolledFeeds } from './polled-feeds.ts';

export interface LyingFeed {
  clock: Clock;
  server: ReturnType<typeof useLyingServer>;
  feeds: PolledFeeds;
  feedUrl(): string;
  /** How the feed's address answers from now on. */
  answer(how: Answer): void;
  /** The feed with items of these titles, of some days ago. */
  feed(...titles: string[]): string;
  poll(): Promise<PollReport | undefined>;
  /** Titles of all posts, oldest first. */
  titles(): Promise<string[]>;
  /** Makes it a feed that has been read once, a day ago, with these items. */
  known(...items: string[]): Promise<void>;
}

/** One feed of a server that lies, on a database and a stopped clock of the test file. */
export function useLyingFeed(): LyingFeed {
  useDatabase();
  const clock = useStoppedClock(new Date('2026-06-01T12:00:00Z'));
  const server = useLyingServer();
  const feeds = usePolledFeeds();
  const feedUrl = () => server.at('/feed');
  const answer = (how: Answer) => server.answer('/feed', how);
  const poll = () => feeds.poll(feedUrl());
  const feed = (...titles: string[]) =>
    rss(
      'Pond News',
      titles.map((title) => ({ title, date: '2026-05-20T10:00:00Z' })),
    );
  return {
    clock,
    server,
    feeds,
    feedUrl,
    answer,
    feed,
    poll,
    titles: async () => (await feeds.posts()).map(({ title }) => title),
    async known(...items) {
      await feeds.add(feedUrl());
      answer(send(200, {}, feed(...items)));
      await poll();
      await clock.pass({ days: 1 });
    },
  };
}
