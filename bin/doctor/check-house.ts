import { config } from '../../lib/config.ts';
import { TagwireError } from '../../lib/errors.ts';
import { readOverview } from '../../lib/queries/admin.ts';
import { checkReadiness } from '../../lib/queries/health.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { hasIndex } from '../../lib/search/index-documents.ts';
import { plural } from '../terminal-text.ts';
import type { Finding } from './finding.ts';

/** A worker polls what is due every 5 s; a host that is rested or slow keeps feeds for minutes. */
const UNPOLLED_MINUTES_MAX = 15;

/** Database and search. @returns with the findings whether the rest can be asked for. */
export async function checkServers(): Promise<{ findings: Finding[]; isReady: boolean }> {
  if (config().databaseUrl === undefined) {
    const says = 'No database is known here: DATABASE_URL is not set, and no `up` is running.';
    const next = 'Run this with the settings of the worker, or start everything with `npm start`.';
    return { findings: [{ part: 'database', state: 'fail', says, next }], isReady: false };
  }
  const { isReady, parts } = await checkReadiness();
  return { findings: [sayDatabase(parts), await checkSearch(parts.search)], isReady };
}

function sayDatabase({ database, migrations }: { database: string; migrations: string }): Finding {
  // What Postgres says of a database in which there is nothing.
  if (database.includes('_prisma_migrations')) {
    const next = 'Run `bin/tagwire migrate`.';
    return { part: 'database', state: 'fail', says: 'The database has no tables yet.', next };
  }
  if (database !== 'ok') {
    return {
      part: 'database',
      state: 'fail',
      says: `The database does not answer: ${database}.`,
      next: 'See that Postgres runs, and that DATABASE_URL is right.',
    };
  }
  if (migrations !== 'ok') {
    const next = 'Run `bin/tagwire migrate`.';
    return { part: 'database', state: 'fail', says: `Migrations are ${migrations}.`, next };
  }
  return { part: 'database', state: 'ok', says: 'It answers, and all migrations are applied.' };
}

/** @param search whether the server answers at all; whether it does with our key is asked here. */
async function checkSearch(search: string): Promise<Finding> {
  const part = 'search';
  if (search === 'ok') {
    try {
      await hasIndex();
      return { part, state: 'ok', says: 'Meilisearch answers.' };
    } catch (error) {
      if (!(error instanceof TagwireError)) throw error;
      const says = `Postgres answers searches, without forgiving typos: ${error.message}`;
      return { part, state: 'warn', says, next: error.next ?? '' };
    }
  }
  return {
    part,
    state: 'warn',
    says: `Postgres answers searches, without forgiving typos: Meilisearch is ${
      search === 'switched off' ? search : `away (${search})`
    }.`,
    next: 'Set MEILI_URL and MEILI_KEY, and see that Meilisearch runs.',
  };
}

/** The address that readers and mail services see. */
export function checkSiteAddress(): Finding {
  const { siteUrl } = config();
  if (siteUrl.startsWith('https:')) return { part: 'site', state: 'ok', says: siteUrl };
  return {
    part: 'site',
    state: 'warn',
    says:
      `SITE_URL is ${siteUrl}: mail services honour List-Unsubscribe-Post, the click that ` +
      'unsubscribes in the mail program (RFC 8058), over https only, so their readers have no such button.',
    next: 'Serve the site by https, and set SITE_URL to that address (docs/operating.md, The reverse proxy).',
  };
}

/** Whether workers do their work, and what the operator has been told. */
export async function checkWork(now: Date): Promise<Finding[]> {
  const { queues, lastPollAt } = await readOverview();
  const isLate =
    now.getTime() - Date.parse(lastPollAt ?? '1970-01-01') > UNPOLLED_MINUTES_MAX * 60_000;
  const last = lastPollAt === null ? 'none has been polled so far' : `the last poll: ${lastPollAt}`;
  const worker: Finding =
    queues.toPoll > 0 && isLate
      ? {
          part: 'worker',
          state: 'fail',
          says: `No worker polls: ${plural(queues.toPoll, 'feed')} due; ${last}.`,
          next: 'Start `bin/tagwire worker`, or read its log.',
        }
      : { part: 'worker', state: 'ok', says: `${plural(queues.toPoll, 'feed')} due; ${last}.` };
  const open = (await listNotices()).filter(({ endedAt }) => endedAt === null).length;
  const notices: Finding =
    open === 0
      ? { part: 'notices', state: 'ok', says: 'None is open.' }
      : {
          part: 'notices',
          state: 'warn',
          says: `${plural(open, 'notice')} open.`,
          next: 'Read them with `bin/tagwire notices list`.',
        };
  return [worker, notices];
}
