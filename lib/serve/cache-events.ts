import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { everythingTag } from '../cache-tags.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

/** Reads at least this often, for notifications that were lost. */
const POLL_MS = 1000;
/**
 * Rows are numbered and stamped before their transaction commits, so a later read can bring an
 * earlier row. A transaction longer than this is left to the caches' greatest age.
 */
const OVERLAP_SECONDS = 60;
/** Not having read for this long, rows may be gone already: everything counts as stale. */
const LAG_MS_MAX = 10 * 60_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 10_000;
/** A statement that hangs on a half-dead connection must not stop the reading for good. */
const STATEMENT_MS_MAX = 5000;
/** More rows than this at once are not worth telling apart. */
const ROWS_MAX = 5000;

interface Options {
  databaseUrl: string;
  /** Makes these tags stale on this process; throws when it could not, and is called again. */
  apply: (tags: string[]) => Promise<void>;
  /** Told after each reading which recent rows this process has applied. */
  onApplied?: (ids: string[]) => void;
  /** Monotonic, in milliseconds. */
  now?: () => number;
}

/** A listener that runs until it is stopped. */
export interface CacheEvents {
  stop: () => Promise<void>;
}

interface Row {
  id: string;
  tags: string[];
}

/** One connection, which listens and reads until it breaks. */
class Connection {
  readonly #client: pg.Client;
  #woken = new AbortController();
  #broken: Error | undefined;

  constructor(databaseUrl: string) {
    this.#client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'tagwire cache events',
      connectionTimeoutMillis: STATEMENT_MS_MAX,
      query_timeout: STATEMENT_MS_MAX,
      keepAlive: true,
    });
    this.#client.on('error', (error) => this.#fail(error));
    this.#client.on('end', () => this.#fail(new Error('the connection ended')));
    this.#client.on('notification', () => this.#woken.abort());
  }

  #fail(error: Error): void {
    this.#broken ??= error;
    this.#woken.abort();
  }

  async open(): Promise<void> {
    await this.#client.connect();
    // First listen, then read: nothing can commit unseen in between.
    await this.#client.query('LISTEN cache_events');
  }

  async read(seconds: number): Promise<Row[]> {
    const { rows } = await this.#client.query<Row>(
      `SELECT id, tags FROM cache_events
       WHERE created_at > now() - make_interval(secs => $1) ORDER BY id DESC LIMIT $2`,
      [seconds, ROWS_MAX],
    );
    return rows;
  }

  /** Returns when it is time to read again. @throws when the connection is broken. */
  async next(stopped: AbortSignal): Promise<void> {
    await wait(POLL_MS, AbortSignal.any([stopped, this.#woken.signal]));
    if (this.#broken) throw this.#broken;
    this.#woken = new AbortController();
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}

/** Remembers which rows were applied, and when the table was last read whole. */
class Progress {
  readonly #applied = new Map<string, number>();
  readonly #now: () => number;
  #lastGoodMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#lastGoodMs = now();
  }

  get lagMs(): number {
    return this.#now() - this.#lastGoodMs;
  }

  /** The tags of rows that are new. Everything, when rows may have gone unread. */
  tagsOf(rows: readonly Row[]): string[] {
    if (this.lagMs > LAG_MS_MAX || rows.length >= ROWS_MAX) return [everythingTag()];
    const fresh = rows.filter((row) => !this.#applied.has(row.id));
    return [...new Set(fresh.flatMap((row) => row.tags))];
  }

  finish(rows: readonly Row[], readAtMs: number): void {
    this.#lastGoodMs = readAtMs;
    for (const { id } of rows) this.#applied.set(id, readAtMs);
    for (const [id, atMs] of this.#applied) {
      if (readAtMs - atMs > 2 * LAG_MS_MAX) this.#applied.delete(id);
    }
  }
}

/**
 * Follows the table cache_events: whatever a worker changed becomes stale on this process, at
 * once by NOTIFY or within a second without it. Never gives up on the database.
 */
export function followCacheEvents(options: Options): CacheEvents {
  const { databaseUrl, apply, now = () => performance.now() } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const progress = new Progress(now);

  async function readUntilBroken(connection: Connection): Promise<void> {
    await connection.open();
    while (!signal.aborted) {
      const readAtMs = now();
      const rows = await connection.read(OVERLAP_SECONDS + progress.lagMs / 1000);
      const tags = progress.tagsOf(rows);
      if (tags.length > 0) await apply(tags);
      progress.finish(rows, readAtMs);
      options.onApplied?.(rows.map((row) => row.id));
      await connection.next(signal);
    }
  }

  async function live(): Promise<void> {
    let waitMs = RECONNECT_MS_MIN;
    while (!signal.aborted) {
      const openedAtMs = now();
      const connection = new Connection(databaseUrl);
      try {
        await readUntilBroken(connection);
      } catch (error) {
        log.warn('serve.cache_events_interrupted', { reason: messageOf(error) });
      } finally {
        await connection.close();
      }
      // One that went on reading was good: what fails at once, or hangs, is asked less and less.
      const readForMs = now() - progress.lagMs - openedAtMs;
      if (readForMs > 2 * POLL_MS) waitMs = RECONNECT_MS_MIN;
      await wait(waitMs, signal);
      waitMs = Math.min(waitMs * 2, RECONNECT_MS_MAX);
    }
  }

  const ended = live();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** Sleeps, or less when the signal says so. Keeps no process alive. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
}
