import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { between, chance } from '../chance.ts';
import {
  REFUSED_RECIPIENT,
  REFUSED_TEXT,
  type StormyServer,
  startStormyServer,
} from './mail-server.ts';

export interface Storm {
  /** Mails that wait when it begins, each to an address of its own. */
  mails: number;
  /** How often the worker is killed (SIGKILL), spread over the mails. */
  kills: number;
  seed: number;
}

export interface StormReport {
  mails: number;
  kills: number;
  /** How often the mail server was stopped. */
  stops: number;
  /** Different mails that the server took. */
  taken: number;
  /** Mails that the server will never take, and that were given up. */
  refused: number;
  /** Mails that are wanted and never came; empty, or something is wrong. */
  missing: string[];
  /** Copies beyond the first, by what explains them. */
  doubles: {
    /** The worker was killed after the server had taken it and before that was written down. */
    killed: number;
    /** The server took it and hung up before it said so. */
    answerLost: number;
    /** Nothing explains these; empty, or something is wrong. */
    unexplained: string[];
  };
  answers: Record<string, number>;
  seconds: number;
}

/** A stop of the server, in mails that were taken since the one before. */
const TAKEN_BETWEEN_STOPS = 400;
const STOPPED_MS = 150;
const LOOK_MS = 25;
const POSTS = 5;

/** An alert for each mail, that has met some posts: the outbox as matching leaves it. */
const MAKE_MAILS = `
  WITH posts_met AS (SELECT id FROM posts ORDER BY id),
  people AS (
    INSERT INTO subscribers (email, email_key, status, confirmed_at)
    SELECT mail, mail, 'confirmed', now() FROM generate_series(1, $1::int) AS n,
           format('reader-%s@nowhere.example', n) AS mail
    RETURNING id
  ), wishes AS (
    INSERT INTO alerts (subscriber_id, query, query_key, cadence, tsquery, anchors, status, confirmed_at)
    SELECT id, 'storm', 'storm', 'instant', 'storm'::tsquery, '{storm}', 'active', now() FROM people
    RETURNING id, subscriber_id
  ), mails AS (
    INSERT INTO deliveries (subscriber_id, alert_id, kind, dedupe_key)
    SELECT subscriber_id, id, 'instant', format('instant-%s-1', id) FROM wishes
    RETURNING id, alert_id
  )
  INSERT INTO alert_matches (alert_id, post_id, delivery_id)
  SELECT mails.alert_id, posts_met.id, mails.id FROM mails CROSS JOIN posts_met`;

async function makeMails(mails: number): Promise<void> {
  await dbPool().query(
    `INSERT INTO feeds (url, slug, title) VALUES ('https://storm.example/', 'storm', 'Storm')`,
  );
  await dbPool().query(
    `INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                        word_count, content_hash, sort_at, matched_at)
     SELECT f.id, address, address, 'Of a storm, part ' || n, '', words, words, 6, address, now(), now()
     FROM feeds f, generate_series(1, $1::int) AS n,
          format('https://storm.example/%s', n) AS address,
          concat('The storm of day ', n, ' passed.') AS words`,
    [POSTS],
  );
  await dbPool().query(MAKE_MAILS, [mails]);
}

interface Outbox {
  /** Recipient by Message-ID's key. */
  pending: Map<string, string>;
  dead: number;
}

async function readOutbox(): Promise<Outbox> {
  const { rows } = await dbPool().query<{ key: string; email: string; status: string }>(
    `SELECT d.dedupe_key AS key, s.email, d.status FROM deliveries d
     JOIN subscribers s ON s.id = d.subscriber_id WHERE d.status <> 'sent'`,
  );
  return {
    pending: new Map(
      rows.flatMap((row) => (row.status === 'pending' ? [[row.key, row.email] as const] : [])),
    ),
    dead: rows.filter((row) => row.status === 'dead').length,
  };
}

const keyOf = (messageId: string) => messageId.replace(/^<|@[^@]*>$/gu, '');

/** Lets the pauses between tries pass, which are half a minute and more. */
const passPauses = () =>
  dbPool().query(
    `UPDATE deliveries SET next_attempt_at = now()
     WHERE status = 'pending' AND next_attempt_at > now() AND claimed_until IS NULL`,
  );

class Workers {
  readonly #smtpUrl: string;
  #child: ChildProcess | undefined;
  /** Mails that a killed worker had in flight and the server had taken. */
  readonly inFlight = new Set<string>();

  constructor(smtpUrl: string) {
    this.#smtpUrl = smtpUrl;
  }

  async start(): Promise<void> {
    const program = path.join(import.meta.dirname, 'worker.ts');
    const env = childEnvironment({ SMTP_URL: this.#smtpUrl, LOG_LEVEL: 'silent' });
    this.#child = fork(program, { env });
    await once(this.#child, 'message');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.#child = undefined;
  }

  /** Kills the worker, lets its leases end, and starts another. */
  async replace(server: StormyServer): Promise<void> {
    await this.kill();
    const { pending } = await readOutbox();
    for (const { messageId } of server.taken) {
      if (pending.has(keyOf(messageId))) this.inFlight.add(keyOf(messageId));
    }
    await dbPool().query('UPDATE deliveries SET claimed_until = NULL');
    await this.start();
  }
}

/**
 * Has a worker deliver mails to a mail server in a storm (./mail-server.ts), kills it again and
 * again, and compares what was wanted with what the server took. Uses the database of
 * DATABASE_URL, which must be migrated and empty. Time passes faster: pauses between tries, and
 * leases of killed workers, end at once.
 */
export async function runStorm(storm: Storm, say: (text: string) => void): Promise<StormReport> {
  const random = chance(storm.seed);
  const server = await startStormyServer(chance(storm.seed + 1));
  const workers = new Workers(server.url);
  const started = performance.now();
  let [kills, stops] = [0, 0];
  try {
    await makeMails(storm.mails);
    await workers.start();
    const distance = Math.max(1, Math.floor(storm.mails / (storm.kills + 1)));
    let [nextKill, nextStop] = [between(random, 1, distance), TAKEN_BETWEEN_STOPS];
    for (let left = storm.mails; left > 0 || kills < storm.kills; ) {
      await sleep(LOOK_MS);
      if (kills < storm.kills && (server.taken.length >= nextKill || left === 0)) {
        await workers.replace(server);
        kills += 1;
        nextKill = server.taken.length + between(random, 1, distance);
        say(`killed the worker ${kills} times; ${server.taken.length} mails taken, ${left} wait`);
      }
      if (server.taken.length >= nextStop) {
        await server.close();
        stops += 1;
        await sleep(STOPPED_MS);
        await server.open();
        nextStop = server.taken.length + TAKEN_BETWEEN_STOPS;
      }
      await passPauses();
      left = (await readOutbox()).pending.size;
    }
  } finally {
    await workers.kill();
    await server.close();
  }
  const seconds = (performance.now() - started) / 1000;
  return { ...(await judge(server, workers.inFlight)), ...counts(storm, kills, stops), seconds };
}

const counts = ({ mails }: Storm, kills: number, stops: number) => ({ mails, kills, stops });

async function judge(server: StormyServer, inFlight: Set<string>) {
  const { rows } = await dbPool().query<{ key: string; email: string }>(
    `SELECT d.dedupe_key AS key, s.email FROM deliveries d JOIN subscribers s ON s.id = d.subscriber_id`,
  );
  const copies = new Map<string, number>();
  const lost = new Map<string, number>();
  for (const { messageId, isAnswerLost } of server.taken) {
    const key = keyOf(messageId);
    copies.set(key, (copies.get(key) ?? 0) + 1);
    if (isAnswerLost) lost.set(key, (lost.get(key) ?? 0) + 1);
  }
  const doubles = { killed: 0, answerLost: 0, unexplained: [] as string[] };
  for (const [key, count] of copies) {
    const more = count - 1;
    if (inFlight.has(key)) doubles.killed += more;
    else if (more <= (lost.get(key) ?? 0)) doubles.answerLost += more;
    else doubles.unexplained.push(key);
  }
  const isRefused = (email: string) => REFUSED_RECIPIENT.test(email) || REFUSED_TEXT.test(email);
  return {
    taken: copies.size,
    refused: rows.filter(({ email }) => isRefused(email)).length,
    missing: rows.flatMap(({ key, email }) => (isRefused(email) || copies.has(key) ? [] : [key])),
    doubles,
    answers: server.answers,
  };
}
