import { beforeEach } from 'vitest';
import { readAlertWords } from '../../lib/alerts/alert-wish.ts';
import { dbPool } from '../../lib/db.ts';
import type { Cadence } from '../../lib/model/alert.ts';
import { confirmAlert, requestAlert, type WishOutcome } from '../../lib/store/alerts.ts';
import { type SavedPosts, type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { emptyTables } from './empty-tables.ts';
import { makeDraft, makeFeed } from './make.ts';

interface Wish {
  cadence?: Cadence;
  email?: string;
  now?: Date;
  policy?: string;
  /** An endpoint. */
  webhook?: string;
}

export interface Watchers {
  /** The feed that publishes; a test may change it. */
  feed: SavingFeed;
  /** Asks for an alert, as the form does. */
  ask(query: string, options?: Wish): Promise<WishOutcome>;
  /** Asks and confirms; the mail that asks is forgotten. @returns the alert's id. */
  watch(query: string, options?: Wish): Promise<number>;
  publish(...drafts: Parameters<typeof makeDraft>[0][]): Promise<SavedPosts>;
  /** Titles of the posts that alerts have met. */
  matches(): Promise<string[]>;
}

function ask(query: string, options: Wish = {}) {
  const { cadence = 'instant', email = 'reader@example.org', now, policy = '', webhook } = options;
  const words = readAlertWords(query, policy);
  if (words.kind === 'invalid') throw new Error(words.message);
  const { queryKey, tree } = words;
  const wish = { email, emailKey: email.toLowerCase(), query, queryKey, tree, cadence };
  const given = words.policy === undefined ? {} : { policy };
  const host = webhook === undefined ? '' : new URL(webhook).host;
  const sent = webhook === undefined ? {} : { webhook: { url: webhook, host } };
  return requestAlert({ ...wish, ...given, ...sent }, now);
}

async function confirmAll(now = new Date()): Promise<number[]> {
  const { rows } = await dbPool().query<{ id: number; version: number }>(
    `SELECT id, confirm_version AS version FROM alerts WHERE status = 'pending' ORDER BY id`,
  );
  for (const claim of rows) await confirmAlert(claim, now);
  return rows.map((row) => row.id);
}

/** Gives each test of a file a feed of its own, and readers who ask for alerts. */
export function useWatchers(): Watchers {
  let number = 0;
  const watchers: Watchers = {
    feed: { id: 0, slug: '', firstGoodAt: null, feedTags: [] },
    ask,
    async watch(query, options = {}) {
      await ask(query, options);
      await dbPool().query(`DELETE FROM deliveries WHERE kind = 'confirm'`);
      const [id = 0] = await confirmAll(options.now);
      return id;
    },
    publish: (...drafts) => savePosts(watchers.feed, drafts.map(makeDraft), { now: new Date() }),
    async matches() {
      const { rows } = await dbPool().query<{ title: string }>(
        `SELECT p.title FROM alert_matches m JOIN posts p ON p.id = m.post_id
         ORDER BY p.id, m.alert_id`,
      );
      return rows.map((row) => row.title);
    },
  };
  beforeEach(async () => {
    await emptyTables(['feeds', 'tags', 'subscribers', 'suppressions'], { isNumberedAnew: true });
    number += 1;
    const id = await makeFeed(`Feed ${number}`);
    watchers.feed = { id, slug: `feed-${number}`, firstGoodAt: new Date(0), feedTags: [] };
  });
  return watchers;
}
