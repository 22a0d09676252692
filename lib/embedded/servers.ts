import path from 'node:path';
import { config, type SettingName } from '../config.ts';
import { startMailCatcher } from './mail-catcher.ts';
import { startMeilisearch } from './meilisearch.ts';
import { startPostgres } from './postgres.ts';

export type Settings = Partial<Record<SettingName, string>>;

export interface Needs {
  database: true;
  search?: boolean;
  mail?: boolean;
}

export interface Servers {
  /** The addresses of what was started, as settings. */
  settings: Settings;
  pids: Record<string, number>;
  /** Stops them all. Safe to call again. */
  stop(): Promise<void>;
  /** Resolves when a server ends without being asked to. */
  failed: Promise<{ name: string; words: string }>;
}

/** What one server brings once it runs. */
interface Started {
  settings: Settings;
  pid?: number;
  stop?: () => Promise<void>;
  exited?: Promise<string>;
}

/** Says what has been reached, for a person who waits. */
export type Say = (text: string) => void;

const DATABASE = 'tagwire';

async function postgres(dataDir: string, say: Say): Promise<Started> {
  const server = await startPostgres({ dataDir });
  say(`Postgres runs on port ${server.port}`);
  return { ...server, settings: { DATABASE_URL: server.urlOf(DATABASE) } };
}

async function meilisearch(dataDir: string, say: Say): Promise<Started> {
  const server = await startMeilisearch({ dataDir });
  if (server.kind === 'unavailable') {
    say(`Search is switched off: ${server.message}`);
    return { settings: {} };
  }
  say(`Meilisearch runs on port ${server.port}`);
  return { ...server, settings: { MEILI_URL: server.url, MEILI_KEY: server.key } };
}

async function mailCatcher(dataDir: string, say: Say): Promise<Started> {
  const catcher = await startMailCatcher({ dataDir });
  say(`mail is caught on ${catcher.url}`);
  return {
    settings: { SMTP_URL: catcher.smtpUrl, MAIL_CATCHER_URL: catcher.url },
    stop: catcher.stop,
  };
}

/**
 * Starts, side by side, the servers that are needed and that no setting names, with their data
 * below `dataDir`.
 * @throws TagwireError of the first that did not start, after stopping the others.
 */
export async function startServers(dataDir: string, needs: Needs, say: Say): Promise<Servers> {
  const { databaseUrl, meiliUrl, smtpUrl } = config();
  const wanted: [string, Promise<Started>][] = [];
  if (databaseUrl === undefined) wanted.push(['Postgres', postgres(dataDir, say)]);
  if (needs.search && meiliUrl === undefined) {
    wanted.push(['Meilisearch', meilisearch(path.join(dataDir, 'search'), say)]);
  }
  if (needs.mail && smtpUrl === undefined) {
    wanted.push(['the mail catcher', mailCatcher(dataDir, say)]);
  }
  const results = await Promise.allSettled(wanted.map(([, starting]) => starting));
  const started = results.flatMap((result, i) =>
    result.status === 'fulfilled' ? [{ name: wanted[i]?.[0] ?? '', ...result.value }] : [],
  );
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= Promise.all(started.map((server) => server.stop?.())).then(() => {});
    return stopping;
  };
  const refused = results.find((result) => result.status === 'rejected');
  if (refused) {
    await stop();
    throw refused.reason;
  }
  return {
    settings: Object.assign({}, ...started.map((s) => s.settings)),
    pids: Object.fromEntries(started.flatMap((s) => (s.pid ? [[s.name, s.pid]] : []))),
    stop,
    failed: new Promise((resolve) => {
      for (const { name, exited } of started) {
        void exited?.then((words) => stopping ?? resolve({ name, words }));
      }
    }),
  };
}
