import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAlertWords } from '../../lib/alerts/alert-wish.ts';
import { dbPool } from '../../lib/db.ts';
import { confirmAlert, deleteAlert, requestAlert } from '../../lib/store/alerts.ts';
import { enqueueNow } from '../../lib/store/jobs.ts';
import { storeAlerts } from '../alerts.ts';
import { between, chance, VOCABULARY_WORDS, word, zipf } from '../chance.ts';
import { storeCorpus } from '../corpus.ts';
import type { House } from '../house.ts';
import { startWorker } from '../worker.ts';

export interface Churn {
  alerts: number;
  /** Published in each part: with alerts that stay, and with alerts that come and go. */
  posts: number;
}

export interface ChurnReport {
  /** Of a post, from being stored to being matched, in milliseconds: the mean of each part. */
  msPerPost: { still: number; churning: number };
  matches: number;
  added: number;
  deleted: number;
  /** Milliseconds, one for each: to ask for an alert and confirm it; to delete one. */
  addMs: number[];
  deleteMs: number[];
  /** Megabytes of the worker's memory (resident), one for each batch of posts. */
  memory: number[];
  /** Posts that were compared with all alerts by Postgres alone, and what differed. */
  checked: number;
  differences: string[];
}

const CORPUS_POSTS = 2000;
const TEXT_WORDS = 400;
const BATCH_POSTS = 10;
const LOOK_MS = 20;
/** People who ask for alerts and delete them at the same time, one after the other. */
const PEOPLE = 2;
/** Posts that are compared with every alert by Postgres alone, which is slow. */
const CHECKED_POSTS = 20;
/** An alert that began while a post was under way may have met it or not. */
const UNSURE = `interval '2 seconds'`;

/** Resident memory of a process in megabytes (proc(5)). */
function memoryOf(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s*(\d+)/mu.exec(status)?.[1] ?? 0) / 1024;
}

class Publisher {
  readonly #pick = zipf(VOCABULARY_WORDS, chance(11));
  #count = 0;

  /** Stores posts as polling leaves them. @returns the milliseconds until all are matched. */
  async publish(number: number): Promise<number> {
    const posts = Array.from({ length: number }, () => ({
      url: `https://churn.example/${++this.#count}`,
      text: Array.from({ length: TEXT_WORDS }, () => word(this.#pick())).join(' '),
    }));
    await dbPool().query(
      `INSERT INTO posts (feed_id, canonical_url, url, title, body_html, body_text, summary_text,
                          word_count, content_hash, sort_at, matched_at)
       SELECT 1, url, url, left(text, 60), '', text, left(text, 300), ${TEXT_WORDS}, url, now(), now()
       FROM json_to_recordset($1::json) AS p (url text, text text)`,
      [JSON.stringify(posts)],
    );
    await dbPool().query(
      `UPDATE posts SET words = post_words(posts), matched_at = NULL, created_at = now()
       WHERE words IS NULL`,
    );
    const since = performance.now();
    await enqueueNow('match-alerts');
    for (;;) {
      const { rows } = await dbPool().query('SELECT FROM posts WHERE matched_at IS NULL LIMIT 1');
      if (rows.length === 0) return performance.now() - since;
      await sleep(LOOK_MS);
    }
  }
}

/** Somebody who asks for alerts and deletes them until `signal` ends it. */
async function comeAndGo(person: number, alerts: number, report: ChurnReport, signal: AbortSignal) {
  const random = chance(100 + person);
  const pick = zipf(VOCABULARY_WORDS, random);
  const email = (n: number) => `churner-${person}-${n}@churn.example`;
  for (let n = 0; !signal.aborted; n++) {
    const query = `${word(pick())} ${word(pick())}`;
    const words = readAlertWords(query, '');
    if (words.kind === 'invalid') throw new Error(`"${query}": ${words.message}`);
    const address = email(Math.floor(n / 10));
    let start = performance.now();
    await requestAlert({
      email: address,
      emailKey: address,
      query,
      queryKey: words.queryKey,
      tree: words.tree,
      cadence: 'daily',
    });
    const { rows } = await dbPool().query<{ id: number; version: number }>(
      `SELECT a.id, a.confirm_version AS version FROM alerts a JOIN subscribers s ON s.id = a.subscriber_id
       WHERE s.email_key = $1 AND a.query_key = $2`,
      [address, words.queryKey],
    );
    for (const claim of rows) if (await confirmAlert(claim)) report.added += 1;
    report.addMs.push(performance.now() - start);
    const victim = between(random, 1, alerts);
    const found = await dbPool().query('SELECT subscriber_id FROM alerts WHERE id = $1', [victim]);
    start = performance.now();
    if (await deleteAlert(victim, found.rows[0]?.subscriber_id ?? 0)) report.deleted += 1;
    report.deleteMs.push(performance.now() - start);
  }
}

/** Compares what some posts have met with what Postgres finds among all alerts. */
async function check(from: number, report: ChurnReport): Promise<void> {
  const posts = await dbPool().query<{ id: number }>(
    'SELECT id FROM posts WHERE id > $1 ORDER BY md5(id::text) LIMIT $2',
    [from, CHECKED_POSTS],
  );
  for (const { id } of posts.rows) {
    const { rows } = await dbPool().query<{ alertId: number; wasMet: boolean }>(
      `SELECT a.id AS "alertId", m.post_id IS NOT NULL AS "wasMet"
       FROM posts p JOIN alerts a ON a.status = 'active'
         AND NOT a.confirmed_at BETWEEN p.created_at - ${UNSURE} AND p.created_at + ${UNSURE}
       LEFT JOIN alert_matches m ON m.alert_id = a.id AND m.post_id = p.id
       WHERE p.id = $1
         AND (m.post_id IS NOT NULL)
             <> (a.confirmed_at <= p.created_at AND p.words @@ a.tsquery)`,
      [id],
    );
    report.checked += 1;
    for (const { alertId, wasMet } of rows) {
      report.differences.push(`alert ${alertId} ${wasMet ? 'met' : 'missed'} post ${id}`);
    }
  }
}

/** Publishes posts while alerts come and go, to one worker as it runs for real. */
export async function runChurn(
  house: House,
  { alerts, posts }: Churn,
  say: (text: string) => void,
): Promise<ChurnReport> {
  await house.freshDatabase();
  await storeCorpus(CORPUS_POSTS);
  await dbPool().query(`UPDATE posts SET words = post_words(posts), matched_at = now()`);
  await dbPool().query(`UPDATE feeds SET next_check_at = now() + interval '1 day'`);
  await storeAlerts(alerts);
  say(`${alerts} alerts are stored`);
  const worker = await startWorker();
  const report: ChurnReport = {
    msPerPost: { still: 0, churning: 0 },
    matches: 0,
    added: 0,
    deleted: 0,
    addMs: [],
    deleteMs: [],
    memory: [],
    checked: 0,
    differences: [],
  };
  const publisher = new Publisher();
  const part = async (name: keyof ChurnReport['msPerPost']) => {
    let ms = 0;
    for (let n = 0; n < posts; n += BATCH_POSTS) {
      ms += await publisher.publish(BATCH_POSTS);
      report.memory.push(memoryOf(worker.pid));
      say(`${name}: ${n + BATCH_POSTS} of ${posts}, ${report.memory.at(-1)?.toFixed(0)} MB`);
    }
    report.msPerPost[name] = ms / posts;
  };
  try {
    await part('still');
    const last = await dbPool().query<{ id: number }>('SELECT max(id) AS id FROM posts');
    const stop = new AbortController();
    const people = Array.from({ length: PEOPLE }, (_, person) =>
      comeAndGo(person, alerts, report, stop.signal),
    );
    await Promise.race([part('churning'), Promise.all(people)]);
    stop.abort();
    await Promise.all(people);
    say('comparing');
    await check(last.rows[0]?.id ?? 0, report);
    const { rows } = await dbPool().query('SELECT count(*)::int AS n FROM alert_matches');
    report.matches = rows[0]?.n ?? 0;
    if (report.matches === 0) throw new Error('no post met any alert: this measures nothing');
    return report;
  } finally {
    await worker.stop();
  }
}
