import { beforeAll, expect, test } from 'vitest';
import { makeToken, neverClaim, quietClaim } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import type { Site } from '../support/site.ts';
import { useWatchers } from '../support/watchers.ts';

// What owners do with their alerts on their page, beside what alerts.test.ts shows of it.

useDatabase({ isOfSite: true });
const { watch } = useWatchers();
let site: Site;
let manage: string;

beforeAll(async () => {
  site = await openSite();
  manage = `/alerts/manage/${makeToken('manage', { id: 1, version: 1 })}`;
});

const post = (
  path: string,
  fields: Record<string, string>,
  headers: object = { origin: site.url },
) => site.get(path, { method: 'POST', body: new URLSearchParams(fields), headers: { ...headers } });

const textOf = async (path: string) => (await site.get(path)).text();

test('an owner tries other words for an alert, and gives it them', async () => {
  await watch('kernel');
  const feedId = await makeFeed('Park News');
  await makePost({ feedId, title: 'Zonefs grows up', sortAt: new Date(Date.now() - 86_400_000) });
  expect(await textOf(manage)).toContain(`${manage}/words/1`);
  const page = await textOf(`${manage}/words/1`);
  expect(page).toContain('value="kernel"');
  expect(page).toContain('Nothing so far');
  const tried = await textOf(`${manage}/words/1?query=zonefs`);
  expect(tried).toContain('value="zonefs"');
  expect(tried).toContain('1 post in three months');
  const saved = await post(manage, { change: 'words', alert: '1', query: 'zonefs' });
  expect(saved.headers.get('location')).toBe(`${manage}?done=words`);
  const after = await textOf(`${manage}?done=words`);
  expect(after).toContain('<h2>zonefs</h2>');
  expect(after).toContain('watches for the new words');
});

test.each([
  ['kernel (compiler', 'This bracket is not closed.'],
  ['²', 'There is no word in this'],
  ['compiler', 'another of your alerts has these words already'],
])('%j is not given to an alert, and the page says why', async (query, why) => {
  await watch('kernel');
  await watch('compiler');
  const answer = await post(manage, { change: 'words', alert: '1', query });
  const location = answer.headers.get('location') ?? '';
  expect(location).toContain(`${manage}/words/1?query=`);
  expect(await textOf(location)).toContain(why);
  const { rows } = await dbPool().query('SELECT query FROM alerts WHERE id = 1');
  expect(rows).toEqual([{ query: 'kernel' }]);
});

test('nobody changes the words of another’s alert', async () => {
  await watch('kernel');
  await watch('roses', { email: 'two@example.org' });
  const answer = await post(manage, { change: 'words', alert: '2', query: 'thorns' });
  expect(answer.headers.get('location')).toBe(manage);
  expect(await textOf(`${manage}/words/2`)).toContain('This link does not work');
  const { rows } = await dbPool().query('SELECT query FROM alerts WHERE id = 2');
  expect(rows).toEqual([{ query: 'roses' }]);
});

test('mails of quiet alerts end by the page, by the link in one, and in one click', async () => {
  await watch('kernel');
  const wants = async () =>
    (await dbPool().query('SELECT quiet_mails FROM subscribers')).rows[0].quiet_mails;
  expect((await post(manage, { change: 'quiet-off' })).headers.get('location')).toBe(
    `${manage}?done=quiet-off`,
  );
  expect(await wants()).toBe(false);
  await post(manage, { change: 'quiet-on' });
  expect(await wants()).toBe(true);
  const quiet = `/alerts/quiet/${makeToken('quiet', quietClaim(1))}`;
  expect(await textOf(quiet)).toContain('No more of these');
  expect(await wants()).toBe(true);
  await post(quiet, { change: 'stop' });
  expect(await wants()).toBe(false);
  expect(await textOf(quiet)).toContain('Send them again');
  await post(quiet, { change: 'again' });
  // As a mailbox does it: no Origin, nothing of a browser; also when the page has moved.
  await post(manage, { change: 'rotate' });
  const oneClick = await post(quiet, { 'List-Unsubscribe': 'One-Click' }, {});
  expect(oneClick.status).toBe(200);
  expect(await oneClick.text()).toContain('The alerts watch all the same.');
  expect(await wants()).toBe(false);
  const forged = await post(`${quiet}x`, { 'List-Unsubscribe': 'One-Click' }, {});
  expect(forged.status).toBe(404);
});

test('an address is never asked again by a button behind the link, and asked again by the same', async () => {
  await watch('kernel');
  const never = `/alerts/never/${makeToken('never', neverClaim(1))}`;
  const suppressed = async () => (await dbPool().query('SELECT FROM suppressions')).rowCount;
  expect(await textOf(never)).toContain('Its alerts are silent as long.');
  await post(never, {});
  await post(never, { 'List-Unsubscribe': 'One-Click' });
  expect((await post(never, { change: 'never' }, {})).status).toBe(403);
  expect(await suppressed()).toBe(0);
  expect((await post(never, { change: 'never' })).headers.get('location')).toBe(never);
  expect(await suppressed()).toBe(1);
  expect(await textOf(never)).toContain('This address is not asked any more');
  await post(never, { change: 'lift' });
  expect(await suppressed()).toBe(0);
  await post(`/alerts/never/${makeToken('quiet', quietClaim(1))}`, { change: 'never' });
  expect(await suppressed()).toBe(0);
});

test('a new address for the page is one for its private feeds too, and links that stop stay good', async () => {
  const id = await watch('kernel');
  const feed = /\/alerts\/feed\/[^"]+\.xml/u.exec(await textOf(manage))?.[0] ?? '';
  expect((await site.get(feed)).status).toBe(200);
  const moved = (await post(manage, { change: 'rotate' })).headers.get('location') ?? '';
  expect((await site.get(feed)).status).toBe(404);
  const next = /\/alerts\/feed\/[^"]+\.xml/u.exec(await textOf(moved))?.[0] ?? '';
  expect(next).not.toBe(feed);
  expect((await site.get(next)).status).toBe(200);
  const stop = `/alerts/unsubscribe/${makeToken('unsubscribe', { id, version: 1 })}`;
  expect(await textOf(stop)).toContain('Stop this alert?');
});

test('an owner has an alert tell changes too, and not the alert of another', async () => {
  await watch('kernel');
  await watch('roses', { email: 'two@example.org' });
  expect(await textOf(manage)).toContain('Tell changes too');
  const on = await post(manage, { change: 'changes-on', alert: '1' });
  expect(on.headers.get('location')).toBe(`${manage}?done=changes-on`);
  expect(await textOf(manage)).toContain('also tells when a post changes or is withdrawn');
  await post(manage, { change: 'changes-on', alert: '2' });
  const { rows } = await dbPool().query('SELECT tells_changes FROM alerts ORDER BY id');
  expect(rows.map((row) => row.tells_changes)).toEqual([true, false]);
  await post(manage, { change: 'changes-off', alert: '1' });
  expect(await textOf(manage)).toContain('Tell changes too');
});
