import { beforeEach } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PollReport } from '../../lib/model/feed.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds, type FeedRow, findFeedByUrl } from '../../lib/store/feeds.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';

/** A post as polls left it. */
interface PolledPost {
  title: string;
  text: string;
  sortAt: Date;
  /** Stored as old: nobody is told of it. */
  backfill: boolean;
  /** Alerts are still to be compared with it. */
  isNews: boolean;
  versions: number;
}

export interface PolledFeeds {
  add(...urls: string[]): Promise<void>;
  /** Polls a feed whatever its next check time says, unless its site rests. */
  poll(url: string): Promise<PollReport | undefined>;
  row(url: string): Promise<FeedRow & { goneSince: Date | null; checkReason: string | null }>;
  /** All posts, in the order in which they came. */
  posts(): Promise<PolledPost[]>;
}

const POSTS = `
  SELECT title, body_text AS text, sort_at AS "sortAt", backfill, matched_at IS NULL AS "isNews",
         (SELECT count(*)::int FROM post_versions v WHERE v.post_id = p.id) AS versions
  FROM posts p WHERE merged_into IS NULL AND withdrawn_at IS NULL ORDER BY id`;

async function row(url: string) {
  const feed = await findFeedByUrl(url);
  if (feed === undefined) throw new Error(`${url} is no feed`);
  const { rows } = await dbPool().query<{ goneSince: Date | null; checkReason: string | null }>(
    `SELECT gone_since AS "goneSince", check_reason AS "checkReason" FROM feeds WHERE id = $1`,
    [feed.id],
  );
  return { ...feed, goneSince: null, checkReason: null, ...rows[0] };
}

/** Feeds of a test file that are polled one by one; each test begins without any. */
export function usePolledFeeds(): PolledFeeds {
  beforeEach(async () => {
    // For a few rows that is much quicker than to truncate a dozen tables.
    for (const table of ['feeds', 'posts', 'tags', 'notices', 'hosts']) {
      await dbPool().query(`DELETE FROM ${table}`);
    }
  });
  return {
    row,
    add: async (...urls) => void (await addFeeds(urls.map((url) => ({ url })))),
    async poll(url) {
      const { id } = await row(url);
      const feed = await claimFeed(id);
      return feed && pollFeed(feed);
    },
    posts: async () => (await dbPool().query<PolledPost>(POSTS)).rows,
  };
}
