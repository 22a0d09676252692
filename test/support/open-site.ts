import { everythingTag } from '../../lib/cache-tags.ts';
import { dbPool } from '../../lib/db.ts';
import { waitFor } from './processes.ts';
import { type Site, startSite } from './site.ts';

/** Of the operator's pages. */
export const PASSWORD = 'correct horse battery';
/** Where its feeds say that news is to be had. */
export const HUB = 'https://hub.example/';

let started: Promise<Site> | undefined;

/** Makes the site forget what it has kept of the database that was there before. */
async function forget(site: Site): Promise<void> {
  // Numbers go on, for it takes none twice; no file writes a thousand events a second.
  await dbPool().query(
    `SELECT setval(pg_get_serial_sequence('cache_events', 'id'),
                   (extract(epoch FROM clock_timestamp()) * 1000)::bigint)`,
  );
  const { rows } = await dbPool().query<{ id: string }>(
    'INSERT INTO cache_events (tags) VALUES ($1) RETURNING id',
    [[everythingTag()]],
  );
  const isShown = async () => {
    const answer = await site.get(`/readyz?event=${rows[0]?.id}`);
    return answer.ok && ((await answer.json()) as { isShown: boolean }).isShown;
  };
  await waitFor('the site to take up its new database', isShown);
}

/**
 * The site of this process, which files of tests use one after the other, as they find it: nothing
 * is started for them, and what it has run before is quick. For files that have
 * `useDatabase({ isOfSite: true })`, when they have filled it, and that need no settings of their
 * own. It ends with the process.
 */
export async function openSite(): Promise<Site> {
  if (started !== undefined) {
    await forget(await started);
    return started;
  }
  started = startSite({
    ADMIN_PASSWORD: PASSWORD,
    WEBSUB_HUB: HUB,
    OPERATOR_CONTACT: 'ops@planet.example',
    FETCH_HOST_DELAY_MS: '2000',
  });
  return started;
}
