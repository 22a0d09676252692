import { expect, test } from 'vitest';
import { useAlertWays } from '../support/alert-ways.ts';
import { type Received, receive, verifies } from '../support/endpoint.ts';
import { linkIn } from '../support/mail.ts';

// An alert's whole way where no mail of posts is its end: a private feed, and a webhook after the
// Standard Webhooks specification; what becomes of posts that their publisher changes or deletes;
// and of an alert that finds nothing.

const ways = useAlertWays(new Date('2026-05-10T12:00:00Z'));
const { clock, server, site, open, begin, publish, withdraw, work } = ways;
const { mailsTo, ask, confirm, textOf } = ways;

/** What a reader of feeds gets at the addresses of an alert's private feed. */
async function readFeeds({ rss, json }: { rss: string; json: string }) {
  const [xml, document] = [await site().get(rss), await site().get(json)];
  expect(xml.headers.get('content-type')).toContain('application/rss+xml');
  expect(document.headers.get('content-type')).toContain('application/feed+json');
  const text = await xml.text();
  const { items } = (await document.json()) as { items: { title: string; url: string }[] };
  // Both say the same.
  const titles = [...text.matchAll(/<item>.*?<title>(.*?)<\/title>/gsu)].map((found) => found[1]);
  expect(titles).toEqual(items.map((item) => item.title));
  return { items, titles };
}

test('never by mail, without scripts: a private feed, as RSS and as JSON, until it is deleted', async () => {
  const email = 'eve@example.org';
  const page = await open({ javaScriptEnabled: false });
  await begin();
  await ask(page, { query: 'tracing', cadence: 'Never by mail', email });
  await confirm(page, email);
  const hrefOf = async (name: string) =>
    (await page.getByRole('link', { name, exact: true }).getAttribute('href')) ?? '';
  const feeds = { rss: await hrefOf('RSS'), json: await hrefOf('JSON') };
  expect((await readFeeds(feeds)).titles).toEqual([]);

  await clock.pass({ minutes: 5 });
  await publish({ title: 'First tracing' }, { title: 'Of other things' });
  await work();
  await clock.pass({ hours: 1 });
  await publish({ title: 'Second tracing' });
  await work();
  const found = await readFeeds(feeds);
  expect(found.titles).toEqual(['Second tracing', 'First tracing']);
  expect(found.items[0]?.url).toMatch(/^https:\/\/example\.org\/kernel-news-\d+\/second-tracing$/u);
  // Nor later by mail: only the one that asked has come.
  await clock.pass({ days: 8 });
  expect(await mailsTo(email)).toHaveLength(1);
  await page.reload();
  expect(await textOf(page)).toMatch(/2 posts found, the last on 10 May 2026: Second tracing/u);

  await page.getByRole('button', { name: 'Pause' }).click();
  await publish({ title: 'Third tracing' });
  await work();
  expect((await readFeeds(feeds)).titles).toEqual(found.titles);
  await page.getByText('Delete', { exact: true }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByText('The alert is deleted.').waitFor();
  expect((await site().get(feeds.rss)).status).toBe(404);
  expect((await site().get(feeds.json)).status).toBe(404);
});

test('at once, but nothing for a month: a mail says what came near, and leads to other words that find it', async () => {
  const email = 'hal@example.org';
  await clock.passUntil('2026-05-19T12:00:00Z');
  const page = await open();
  await begin();
  await ask(page, { query: 'bootstrap compiler', cadence: 'At once', email });
  await confirm(page, email);
  await clock.passUntil('2026-06-10T12:00:00Z');
  await publish({ title: 'A compiler from nothing' });
  // A month is thirty days, and then it is said at the hour of digests.
  await clock.passUntil('2026-06-19T06:59:59Z');
  expect(await mailsTo(email)).toHaveLength(1);
  await clock.passUntil('2026-06-19T07:00:00Z');
  const [, quiet] = await mailsTo(email);
  expect(quiet).toMatchObject({ subject: 'Still watching: bootstrap compiler', date: clock.now() });
  expect(quiet?.text).toContain('A compiler from nothing');
  const links = String(quiet?.text).match(/https?:\/\/[^\s<>]+\/words\/[^\s<>]+/gu) ?? [];
  await page.goto(links.find((url) => url.endsWith('?query=compiler')) ?? '');
  expect(await page.locator('.live[role=status]').innerText()).toContain('A compiler from nothing');
  await publish({ title: 'Another compiler' });
  expect(await mailsTo(email)).toHaveLength(2);
  await page.getByRole('button', { name: 'Watch for this' }).click();
  expect(await textOf(page)).toContain('The alert watches for the new words from now on.');
  await publish({ title: 'A third compiler' });
  expect((await mailsTo(email)).slice(2).map((mail) => mail.subject)).toEqual([
    'compiler: A third compiler',
  ]);
  await page.getByRole('link', { name: 'What was sent, and why' }).click();
  expect(await textOf(page)).toMatch(
    /Nothing found for long by.*compiler.*19 June 2026 at 07:00 UTC, sent/su,
  );
});

/** Whether an endpoint that asks the time as well would take it for signed with this secret. */
function isGenuine(received: Received, secret: string): boolean {
  const seconds = Math.floor(clock.now().getTime() / 1000);
  return received.headers['webhook-timestamp'] === String(seconds) && verifies(received, secret);
}

/** The same event once more: by its id a receiver knows that it has it. */
const sameAs = (received: Received | undefined) => ({
  headers: { 'webhook-id': received?.headers['webhook-id'] },
  body: received?.body,
});

test('by webhook: from the test that confirming sends to its end, each post at once and signed', async () => {
  const email = 'finn@example.org';
  await clock.passUntil('2026-06-20T12:00:00Z');
  const page = await open();
  let status = 204;
  const got = receive(server, '/hook', () => ({ status }));
  await begin();
  const webhook = server.at('/hook');
  await ask(page, { query: 'hypervisor', cadence: 'Never by mail', email, webhook });
  await work();
  expect(got).toEqual([]); // who asks may not be who answers there
  await confirm(page, email);
  await work();
  expect(got.map(({ body }) => JSON.parse(body).type)).toEqual(['webhook.test']);
  await page.reload();
  await page.getByRole('link', { name: 'Log and secret' }).click();
  expect(await textOf(page)).toContain('It is in force.');
  await page.getByText('Secret for signatures').click();
  const secret = await page.getByText(/^whsec_/u).innerText();
  expect(got.every((each) => isGenuine(each, secret))).toBe(true);

  await clock.pass({ minutes: 5 });
  const text = 'See here. The hypervisor is out.';
  await publish({ title: 'A hypervisor', text }, { title: 'Of other things' });
  await work();
  expect(got).toHaveLength(2);
  expect(got[1]).toSatisfy((each) => isGenuine(each, secret));
  expect(JSON.parse(got[1]?.body ?? '')).toMatchObject({
    type: 'post.matched',
    timestamp: clock.now().toISOString(),
    data: {
      alert: { query: 'hypervisor' },
      post: { title: 'A hypervisor', sentence: 'The hypervisor is out.' },
      matched: { terms: ['hypervisor'] },
    },
  });

  // An endpoint that is away is asked again after five seconds, a tenth more or less.
  status = 503;
  await publish({ title: 'Another hypervisor' });
  await work();
  status = 204;
  await clock.pass({ seconds: 4 });
  await work();
  expect(got).toHaveLength(3);
  await page.reload();
  expect(await textOf(page)).toMatch(/Another hypervisor\s+.* failed, tried once; again on/u);
  await clock.pass({ seconds: 2 });
  await work();
  expect(got).toHaveLength(4);
  expect(got[3]).toMatchObject(sameAs(got[2]));
  expect(got[3]).toSatisfy((each) => isGenuine(each, secret));

  // The log, and once more on wish.
  await page.reload();
  expect(await textOf(page)).toMatch(
    /Another hypervisor\s+20 June 2026 at 12:05 UTC, taken, tried 2 times\..*A hypervisor\s+20 June 2026 at 12:05 UTC, taken\..*Test\s+20 June 2026 at 12:00 UTC, taken\./su,
  );
  await page.getByRole('button', { name: 'Send again' }).nth(1).click();
  await work();
  expect(got).toHaveLength(5);
  expect(got[4]).toMatchObject(sameAs(got[1]));
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Nothing is sent to an endpoint any more.').waitFor();
  await publish({ title: 'A hypervisor too late' });
  await work();
  expect(got).toHaveLength(5);
  expect(await mailsTo(email)).toHaveLength(1);
});

test('daily with a webhook and a feed: what is changed counts once, as it is then, and what is withdrawn not at all', async () => {
  const email = 'gus@example.org';
  await clock.passUntil('2026-07-01T12:00:00Z');
  const page = await open();
  const got = receive(server, '/gus');
  await begin();
  await ask(page, { query: 'firmware', cadence: 'Once a day', email, webhook: server.at('/gus') });
  await confirm(page, email);
  const hrefOf = async (name: string) =>
    (await page.getByRole('link', { name, exact: true }).getAttribute('href')) ?? '';
  const feeds = { rss: await hrefOf('RSS'), json: await hrefOf('JSON') };
  await work();
  await publish({ title: 'Kept firmware', text: 'At first it says this.' });
  await work();
  await publish({ title: 'Regretted firmware' });
  await work();
  const told = () => got.flatMap(({ body }) => JSON.parse(body).data.post?.title ?? []);
  expect(told()).toEqual(['Kept firmware', 'Regretted firmware']);
  expect((await readFeeds(feeds)).titles).toEqual(['Regretted firmware', 'Kept firmware']);

  await clock.pass({ hours: 1 });
  await publish({ title: 'Kept firmware', text: 'Now it says that of firmware.' });
  await withdraw('Regretted firmware');
  await work();
  expect(told()).toHaveLength(2);
  expect((await readFeeds(feeds)).titles).toEqual(['Kept firmware']);
  await clock.passUntil('2026-07-02T07:00:00Z');
  const mails = await mailsTo(email);
  expect(mails.map((mail) => mail.subject).slice(1)).toEqual(['firmware: Kept firmware']);
  expect(mails[1]?.text).toContain('Now it says that of firmware.');
  expect(mails[1]?.text).not.toContain('Regretted');

  // Told is told: what is changed or withdrawn after that brings nothing.
  await publish({ title: 'Kept firmware', text: 'Firmware once more.' });
  await withdraw('Kept firmware');
  await clock.pass({ days: 1 });
  expect(await mailsTo(email)).toHaveLength(2);
  expect((await readFeeds(feeds)).titles).toEqual([]);
  await page.goto(linkIn(mails[1], 'manage'));
  await page.getByRole('link', { name: 'What was sent, and why' }).click();
  const history = await textOf(page);
  expect(history).toMatch(/Digest of firmware\s+.* at 07:00 UTC, sent/u);
  expect(history).not.toMatch(/Kept|Regretted/u);
});

test('changes too, where they are wished: by webhook each at once, by mail when the post rests', async () => {
  const email = 'ivy@example.org';
  await clock.passUntil('2026-07-10T12:00:00Z');
  const page = await open();
  const got = receive(server, '/ivy');
  const told = () =>
    got.slice(1).map(({ body }) => {
      const { type, data } = JSON.parse(body);
      return [type, data.post.title ?? data.post.url];
    });
  await begin();
  const webhook = server.at('/ivy');
  await ask(page, { query: 'keyring', cadence: 'At once', email, webhook });
  await confirm(page, email);
  await work();
  await page.getByRole('button', { name: 'Tell changes too' }).click();
  expect(await textOf(page)).toContain('It also tells when a post changes or is withdrawn.');
  await publish({ title: 'A keyring', text: 'At first it says this.' });
  expect(await mailsTo(email)).toHaveLength(2);

  for (const text of ['Then it says that.', 'At last it says this of a keyring.']) {
    await clock.pass({ minutes: 5 });
    await publish({ title: 'A keyring', text });
    await work();
  }
  const changed = ['post.changed', 'A keyring'];
  expect(told()).toEqual([['post.matched', 'A keyring'], changed, changed]);
  await clock.pass({ minutes: 14, seconds: 59 });
  expect(await mailsTo(email)).toHaveLength(2);
  await clock.pass({ seconds: 1 });
  const mail = (await mailsTo(email))[2];
  expect(mail).toMatchObject({ subject: 'keyring, changed: A keyring', date: clock.now() });

  // Nothing is repeated of what was taken back, but where it was.
  await clock.pass({ hours: 1 });
  await withdraw('A keyring');
  await work();
  expect(told().at(-1)).toEqual(['post.withdrawn', expect.stringMatching(/\/a-keyring$/u)]);
  await clock.pass({ minutes: 15 });
  const last = (await mailsTo(email))[3];
  expect(last?.subject).toBe('keyring, a post was withdrawn');
  expect(last?.text).toMatch(/was\s+withdrawn\s+by\s+its\s+publisher/u);
  expect(last?.text).not.toContain('A keyring');

  await page.goto(linkIn(last, 'manage'));
  await page.getByRole('button', { name: 'New posts alone' }).click();
  await page.getByText('The alert tells new posts alone.').waitFor();
  await publish({ title: 'Another keyring' });
  expect(await mailsTo(email)).toHaveLength(5);
  await publish({ title: 'Another keyring', text: 'It says something else now.' });
  await clock.pass({ days: 1 });
  expect(await mailsTo(email)).toHaveLength(5);
  expect(told().at(-1)).toEqual(['post.matched', 'Another keyring']);
  await page.getByRole('link', { name: 'What was sent, and why' }).click();
  expect((await textOf(page)).match(/Changes of posts with keyring\s+.*, sent/gu)).toHaveLength(2);
});
