import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { closeDb, dbPool } from '../../lib/db.ts';

const UNITS_MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1000 };
type Span = Partial<Record<keyof typeof UNITS_MS, number>>;

const RealDate = Date;
const FOLLOW_CLOCK = new URL('follow-clock.ts', import.meta.url).href;

/** A clock that stands still, for this process and its database, until a test lets time pass. */
export interface Clock {
  now(): Date;
  /** Arguments of Node with which another process goes by this clock. */
  nodeArguments(): string[];
  /** The moment so long ago, or ahead with negative numbers. */
  ago(span: Span): Date;
  /** Lets time pass at once: nothing waits. */
  pass(span: Span): Promise<void>;
  /** Lets time pass until a moment, which is not over. */
  passUntil(moment: string): Promise<void>;
}

const msOf = (span: Span) =>
  Object.entries(span).reduce((ms, [unit, count]) => {
    return ms + count * UNITS_MS[unit as keyof typeof UNITS_MS];
  }, 0);

/**
 * `now()` of a schema that stands before Postgres' own in the search path, and in the place of
 * the defaults that were bound to the real one when the tables were made.
 */
const FAKE_NOW = `
  CREATE SCHEMA fake_time;
  CREATE TABLE fake_time.clock (at timestamptz(3));
  INSERT INTO fake_time.clock VALUES (pg_catalog.now());
  CREATE FUNCTION fake_time.now() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT at FROM fake_time.clock';
  DO $$
  DECLARE
    of_now record;
  BEGIN
    FOR of_now IN SELECT table_name, column_name FROM information_schema.columns
      WHERE table_schema = 'public' AND column_default = 'CURRENT_TIMESTAMP'
    LOOP
      EXECUTE format('ALTER TABLE public.%I ALTER %I SET DEFAULT fake_time.now()',
                     of_now.table_name, of_now.column_name);
    END LOOP;
    EXECUTE format('ALTER DATABASE %I SET search_path = fake_time, pg_catalog, public',
                   current_database());
  END $$`;

/**
 * Stops the clock of a test file at `start`; to be called after useDatabase. From test to test it
 * goes on, for what the process remembers (hosts at rest) does so as well. Timers are real: a
 * request's deadline passes by itself, a pause that rows remember only by `pass`.
 */
export function useStoppedClock(start: Date): Clock {
  let atMs = start.getTime();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-clock-'));
  const file = path.join(folder, 'clock');
  const set = async (ms: number) => {
    atMs = ms;
    // In place: whoever follows this clock has the file open.
    fs.writeFileSync(file, new Float64Array([ms]), { flag: fs.existsSync(file) ? 'r+' : 'w' });
    await dbPool().query('UPDATE fake_time.clock SET at = $1', [new RealDate(ms)]);
  };
  beforeAll(async () => {
    await dbPool().query(FAKE_NOW);
    // Connections that are open have the search path of before.
    await closeDb();
    globalThis.Date = new Proxy(RealDate, {
      construct: (real, values, by) => Reflect.construct(real, values.length ? values : [atMs], by),
      get: (real, key) => (key === 'now' ? () => atMs : Reflect.get(real, key)),
    });
    await set(atMs);
  });
  afterAll(() => {
    globalThis.Date = RealDate;
    fs.rmSync(folder, { recursive: true });
  });
  return {
    now: () => new RealDate(atMs),
    ago: (span) => new RealDate(atMs - msOf(span)),
    nodeArguments: () => ['--import', `${FOLLOW_CLOCK}?clock=${encodeURIComponent(file)}`],
    pass: (span) => set(atMs + msOf(span)),
    async passUntil(moment) {
      const ms = RealDate.parse(moment);
      if (!(ms >= atMs)) throw new Error(`${moment} is over, or no moment`);
      await set(ms);
    },
  };
}
