import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { closeFetchConnections } from '../../lib/fetch/client.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { findIcons } from '../../workers/jobs/find-icons.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import {
  type Answer,
  type LyingServer,
  redirect,
  send,
  startLyingServer,
} from '../support/lying-server.ts';
import { allowLoopback } from '../support/polled-site.ts';

useDatabase();

const HTML = { 'content-type': 'text/html' };
const drawn = (width: number, height: number) =>
  send(200, {}, `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`);
const answers: Record<string, Answer> = {};
let server: LyingServer;

beforeAll(allowLoopback);
afterAll(closeFetchConnections);

// A server of its own for each test: what a host lets us read is remembered.
afterEach(() => server.stop());
beforeEach(async () => {
  server = await startLyingServer(answers);
  for (const path of Object.keys(answers)) delete answers[path];
  await emptyTables(['feeds', 'source_icons', 'cache_events', 'hosts'], { isNumberedAnew: true });
  await addFeeds([{ url: 'https://feeds.example/pond' }]);
  await dbPool().query(`UPDATE feeds SET first_good_at = now(), slug = 'pond', site_url = $1`, [
    `${server.url}/blog/`,
  ]);
  await emptyTables(['cache_events']);
});

const icon = async () => {
  const { rows } = await dbPool().query<{ url: string | null; days: number }>(
    `SELECT url, round(extract(epoch FROM next_ask_at - now()) / 86400)::int AS days FROM source_icons`,
  );
  return rows[0] && { ...rows[0], url: rows[0].url?.replace(server.url, '') ?? null };
};
const staleTags = async () => {
  const { rows } = await dbPool().query<{ tag: string }>(
    'SELECT unnest(tags) AS tag FROM cache_events ORDER BY 1',
  );
  return rows.map(({ tag }) => tag);
};
const again = async () => {
  await dbPool().query(`UPDATE source_icons SET next_ask_at = now() - interval '1 second'`);
  return findIcons();
};

test('a source has the first icon that its page names and that can be shown, for a week', async () => {
  answers['/blog/'] = send(
    200,
    HTML,
    `<link rel="icon" sizes="any" href="/gone.svg"><link rel="icon" sizes="64x64" href="wide.svg">
     <link rel="icon" href="fits.svg">`,
  );
  answers['/blog/wide.svg'] = drawn(90, 20);
  answers['/blog/fits.svg'] = drawn(20, 20);
  expect(await findIcons()).toBe(1);
  expect(await icon()).toEqual({ url: '/blog/fits.svg', days: 7 });
  expect(await staleTags()).toEqual(['source:pond', 'sources']);
  expect(await findIcons()).toBe(0);
  await emptyTables(['cache_events']);
  expect(await again()).toBe(1);
  expect(await staleTags()).toEqual([]);
});

test('redirects of its page are followed, and an icon that nobody names is looked for as browsers do', async () => {
  answers['/blog/'] = redirect(301, '/en/');
  answers['/en/'] = send(200, HTML, '<p>No icon here.</p>');
  answers['/favicon.ico'] = drawn(16, 16);
  await findIcons();
  expect(await icon()).toEqual({ url: '/favicon.ico', days: 7 });
});

test.each<[string, Record<string, Answer>]>([
  ['is not there', {}],
  ['is no picture', { '/favicon.ico': send(200, {}, 'GIF of a kind') }],
  ['is too large to be one', { '/favicon.ico': send(200, {}, Buffer.alloc(300_000, 'x')) }],
  [
    'is not for robots',
    { '/favicon.ico': drawn(16, 16), '/robots.txt': send(200, {}, 'User-agent: *\nDisallow: /') },
  ],
])('a source whose icon %s has none', async (_why, given) => {
  Object.assign(answers, { '/blog/': send(200, HTML, '') }, given);
  await findIcons();
  expect(await icon()).toEqual({ url: null, days: 7 });
});

test('what was known holds while its site does not answer, which is asked again the next day', async () => {
  answers['/blog/'] = send(200, HTML, '<link rel="icon" href="its-own.svg">');
  answers['/blog/its-own.svg'] = answers['/favicon.ico'] = drawn(16, 16);
  await findIcons();
  answers['/blog/'] = send(503);
  await again();
  expect(await icon()).toEqual({ url: '/blog/its-own.svg', days: 1 });
  answers['/blog/'] = send(429, { 'retry-after': String(3 * 86_400) });
  await again();
  expect(await icon()).toMatchObject({ url: '/blog/its-own.svg' });
});

test.each<[string, Answer]>([
  ['fails for now', send(503)],
  ['is asked for too often', send(429)],
  ['hangs up', (request) => request.socket.destroy()],
])(
  'an icon whose server %s is not lost, and is asked for again the next day',
  async (_how, later) => {
    answers['/blog/'] = send(200, HTML, '');
    answers['/favicon.ico'] = drawn(16, 16);
    await findIcons();
    answers['/favicon.ico'] = later;
    await again();
    expect(await icon()).toEqual({ url: '/favicon.ico', days: 1 });
  },
);

test('a source whose page is not there has the icon of its host', async () => {
  answers['/favicon.ico'] = drawn(16, 16);
  await findIcons();
  expect(await icon()).toEqual({ url: '/favicon.ico', days: 1 });
});

test('a source that never answered, or is paused, is left alone', async () => {
  await dbPool().query('UPDATE feeds SET first_good_at = NULL');
  expect(await findIcons()).toBe(0);
  await dbPool().query(`UPDATE feeds SET first_good_at = now(), status = 'paused'`);
  expect(await findIcons()).toBe(0);
  expect(server.requests).toEqual([]);
});
