import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { getUseWish } from '../../lib/queries/use-wish.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { pruneSiteWishes } from '../../lib/store/site-wishes.ts';
import { askSites } from '../../workers/jobs/ask-sites.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { type LyingServer, startLyingServer } from '../support/lying-server.ts';
import { allowLoopback } from '../support/polled-site.ts';

useDatabase();
let server: LyingServer;
let robots: { status: number; text: string };

beforeAll(async () => {
  allowLoopback();
  server = await startLyingServer({
    '/robots.txt': (_request, response) => response.writeHead(robots.status).end(robots.text),
  });
});
afterAll(() => server.stop());

beforeEach(async () => {
  await emptyTables(['feeds', 'site_wishes', 'cache_events'], { isNumberedAnew: true });
  server.requests.length = 0;
  await addFeeds([{ url: 'https://feeds.example/pond' }, { url: 'https://feeds.example/lake' }]);
  await dbPool().query(
    `UPDATE feeds SET first_good_at = now(), site_url = $1 || '/blog?a', use_wish = '{"robots": ["noarchive"]}',
       slug = CASE WHEN url LIKE '%pond' THEN 'pond' ELSE 'lake' END`,
    [server.url.replace('http', 'HTTP')],
  );
  await emptyTables(['cache_events']);
});

const askAgain = async () => {
  await dbPool().query(`UPDATE site_wishes SET next_ask_at = now() - interval '1 second'`);
  return askSites();
};
const staleTags = async () => {
  const { rows } = await dbPool().query<{ tag: string }>(
    'SELECT DISTINCT unnest(tags) AS tag FROM cache_events ORDER BY 1',
  );
  return rows.map(({ tag }) => tag);
};

test('a site is asked once for all its feeds, and what it says holds beside what the feed says', async () => {
  robots = { status: 200, text: 'User-agent: *\nContent-Signal: ai-train=no' };
  expect(await askSites()).toBe(1);
  expect(await askSites()).toBe(0);
  expect(server.requests.map(({ path }) => path)).toEqual(['/robots.txt']);
  expect(await getUseWish('lake')).toEqual({
    robots: ['noarchive'],
    contentSignal: 'ai-train=no',
  });
  expect(await staleTags()).toEqual(['use:lake', 'use:pond']);
});

test('what was heard holds while a site does not answer, and ends when it says nothing', async () => {
  robots = { status: 200, text: 'User-agent: GPTBot\nDisallow: /' };
  await askSites();
  robots = { status: 503, text: 'later' };
  await askAgain();
  expect(await getUseWish('pond')).toHaveProperty('byRobot.gptbot');
  robots = { status: 404, text: 'nothing here' };
  await askAgain();
  expect(await getUseWish('pond')).toEqual({ robots: ['noarchive'] });
});

test('the same answer makes no page stale', async () => {
  robots = { status: 200, text: 'User-agent: *\nContent-Usage: train-ai=n' };
  await askSites();
  await emptyTables(['cache_events']);
  await askAgain();
  expect(await staleTags()).toEqual([]);
});

test('a feed that never answered has its site left alone, and what no feed names is forgotten', async () => {
  await dbPool().query('UPDATE feeds SET first_good_at = NULL');
  expect(await askSites()).toBe(0);
  await dbPool().query(`INSERT INTO site_wishes (origin) VALUES ('https://gone.example'), ($1)`, [
    server.url,
  ]);
  await pruneSiteWishes();
  const { rows } = await dbPool().query('SELECT origin FROM site_wishes');
  expect(rows).toEqual([{ origin: server.url }]);
});

test('a site whose server has asked for rest is left alone until that is over', async () => {
  robots = { status: 200, text: '' };
  const restOfFeed = (until: string) =>
    dbPool().query(`UPDATE feeds SET retry_after_until = ${until} WHERE slug = 'pond'`);
  await restOfFeed(`now() + interval '1 hour'`);
  expect(await askSites()).toBe(0);
  await restOfFeed('now()');
  await dbPool().query(
    `INSERT INTO hosts (host, rest_until) VALUES ($1, now() + interval '1 hour')`,
    [new URL(server.url).host],
  );
  expect(await askSites()).toBe(0);
  await dbPool().query("UPDATE hosts SET rest_until = now() - interval '1 second'");
  expect(await askSites()).toBe(1);
});
