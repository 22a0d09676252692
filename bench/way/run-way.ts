import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { hubSecret, makeToken } from '../../lib/alerts/tokens.ts';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { setBodies } from '../../workers/jobs/set-bodies.ts';
import { storeAlerts } from '../alerts.ts';
import { chance, VOCABULARY_WORDS, word, zipf } from '../chance.ts';
import { storeCorpus } from '../corpus.ts';
import type { House } from '../house.ts';
import { type Site, startSite } from '../site.ts';
import { startWorker } from '../worker.ts';

/** Where a new post is looked for. */
export const STEPS = ['page of its tag', 'feed of its tag', 'search', 'mail handed over'] as const;
type Step = (typeof STEPS)[number];

export interface WayReport {
  /** Milliseconds from the hub's POST on, a number for each post. */
  times: Record<Step, number[]>;
  /** All that were handed over, those of other alerts among them. */
  mails: number;
}

const CORPUS_POSTS = 2000;
const TEXT_WORDS = 400;
const LOOK_MS = 20;
/** What has not come by then does not come. */
const LOST_MS = 60_000;
const TAG = 'arrivals';
const TOPIC = 'https://hub.example/feed';

/** A word that stands in one post alone, and in one alert. */
const probe = (n: number) => `zzprobe${n}zz`;

interface MailServer {
  url: string;
  /** When the last mail to each recipient came (performance.now). */
  at: Map<string, number>;
  /** How many came. */
  number(): number;
  close(): Promise<void>;
}

async function startMailServer(): Promise<MailServer> {
  const at = new Map<string, number>();
  let number = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) at.set(address, performance.now());
        number += 1;
        done();
      });
      stream.resume();
    },
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${port}`,
    at,
    number: () => number,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A feed whose hub we have subscribed to, and an alert for each post that it will bring. */
async function prepare(posts: number): Promise<number> {
  await dbPool().query(`UPDATE feeds SET next_check_at = now() + interval '1 day'`);
  const { rows } = await dbPool().query<{ id: number }>(
    `WITH feed AS (
       INSERT INTO feeds (url, slug, title, first_good_at, next_check_at)
       VALUES ($1, 'hub', 'Hub', now() - interval '1 day', now() + interval '1 day') RETURNING id)
     INSERT INTO websub_subscriptions
       (feed_id, hub, topic, status, due_at, verified_at, active_since, lease_until)
     SELECT id, 'https://hub.example/', $1, 'active', now() + interval '1 day', now(), now(),
            now() + interval '2 days' FROM feed RETURNING id`,
    [TOPIC],
  );
  await dbPool().query(
    `WITH people AS (
       INSERT INTO subscribers (email, email_key, status, confirmed_at)
       SELECT mail, mail, 'confirmed', now() FROM unnest($1::text[]) AS mail RETURNING id, email)
     INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, anchors, status, confirmed_at)
     SELECT id, word, word, 'instant', plainto_tsquery('tagwire', word), ARRAY[word], 'active', now()
     FROM people, split_part(email, '@', 1) AS word`,
    [Array.from({ length: posts }, (_, n) => `${probe(n)}@reader.example`)],
  );
  return rows[0]?.id ?? 0;
}

function makeDocument(n: number, words: () => string): string {
  const text = Array.from({ length: TEXT_WORDS }, words).join(' ');
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Hub</title>
<link>https://hub.example/</link><description>News</description><item>
<title>News of ${probe(n)}</title><link>https://hub.example/${n}</link><guid>hub-${n}</guid>
<category>${TAG}</category><pubDate>${new Date().toUTCString()}</pubDate>
<description>${text}</description></item></channel></rss>`;
}

async function push(site: Site, subscription: number, body: string): Promise<void> {
  const signature = createHmac('sha256', hubSecret(subscription)).update(body).digest('hex');
  const token = makeToken('websub', { id: subscription, version: 1 });
  const answer = await fetch(`${site.url}/websub/${token}`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/rss+xml',
      'x-hub-signature': `sha256=${signature}`,
    },
  });
  if (answer.status !== 202) throw new Error(`the push was answered with ${answer.status}`);
}

/** Looks until it is there. @returns how many milliseconds after `since`. */
async function until(what: string, since: number, isThere: () => Promise<number | undefined>) {
  for (;;) {
    const at = await isThere();
    if (at !== undefined) return at - since;
    if (performance.now() - since > LOST_MS) throw new Error(`${what} never came`);
    await sleep(LOOK_MS);
  }
}

const shows = (site: Site, address: string, text: string) => async () => {
  const body = await (await fetch(site.url + address)).text();
  return body.includes(text) ? performance.now() : undefined;
};

/** Brings posts through a hub and times each until it is everywhere. */
export async function runWay(
  house: House,
  { alerts, posts }: { alerts: number; posts: number },
  say: (text: string) => void,
): Promise<WayReport> {
  await house.freshDatabase();
  await storeCorpus(CORPUS_POSTS);
  // A house that has run for a while has no work left over.
  await dbPool().query('UPDATE posts SET words = post_words(posts), matched_at = now()');
  await setBodies(new AbortController().signal);
  await indexPosts();
  await storeAlerts(alerts);
  say(`${alerts} alerts are stored`);
  const subscription = await prepare(posts);
  const mail = await startMailServer();
  provideSettings({ SMTP_URL: mail.url });
  const sites = await Promise.all([startSite(), startSite()]);
  const [near, far] = sites as [Site, Site];
  const worker = await startWorker({ SMTP_URL: mail.url });
  const pick = zipf(VOCABULARY_WORDS, chance(7));
  const times: WayReport['times'] = {
    'page of its tag': [],
    'feed of its tag': [],
    search: [],
    'mail handed over': [],
  };
  try {
    for (let n = 0; n < posts; n++) {
      const body = makeDocument(n, () => word(pick()));
      // Readers are there already: what is kept must give way.
      await shows(far, `/tag/${TAG}`, probe(n))();
      await shows(far, `/tag/${TAG}/feed.xml`, probe(n))();
      const since = performance.now();
      await push(near, subscription, body);
      const looks: Record<Step, () => Promise<number | undefined>> = {
        'page of its tag': shows(far, `/tag/${TAG}`, probe(n)),
        'feed of its tag': shows(far, `/tag/${TAG}/feed.xml`, probe(n)),
        search: shows(far, `/search?q=${probe(n)}`, `https://hub.example/${n}`),
        'mail handed over': async () => mail.at.get(`${probe(n)}@reader.example`),
      };
      const found = await Promise.all(
        STEPS.map(async (step) => [step, await until(step, since, looks[step])] as const),
      );
      for (const [step, ms] of found) times[step].push(ms);
      say(
        `${n + 1} of ${posts}: ${found.map(([step, ms]) => `${step} ${ms.toFixed(0)}`).join(', ')}`,
      );
    }
    return { times, mails: mail.number() };
  } finally {
    await worker.stop();
    await Promise.all(sites.map((site) => site.stop()));
    await mail.close();
  }
}
