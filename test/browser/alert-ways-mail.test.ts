import { expect, test } from 'vitest';
import { INSTANT_MAILS_PER_DAY_MAX } from '../../lib/model/alert.ts';
import { useAlertWays } from '../support/alert-ways.ts';
import { linkIn } from '../support/mail.ts';

// An alert's whole way by mail, from a person at the form to their mailbox, for each cadence. The
// clock stands some days before Europe's clocks go forward, and goes on from test to test until they
// have gone back, and America's after them.

const ways = useAlertWays(new Date('2026-03-25T11:00:00Z'));
const { clock, open, begin, publish, work, mailsTo, ask, confirm, textOf } = ways;

/** Subjects of the mails with posts that an address has until now. */
const subjectsTo = async (email: string) =>
  (await mailsTo(email))
    .map((mail) => mail.subject ?? '')
    .filter((each) => !/^Confirm/u.test(each));

test('a confirmation is good for two days, and is asked for again after that', async () => {
  const email = 'late@example.org';
  const page = await open();
  await begin();
  await ask(page, { query: 'bootloader', cadence: 'At once', email });
  const link = linkIn((await mailsTo(email))[0], 'confirm');
  await clock.pass({ hours: 47, minutes: 59 });
  await page.goto(link);
  await page.getByRole('heading', { name: 'Begin this alert?' }).waitFor();
  await clock.pass({ minutes: 2 });
  await page.getByRole('button', { name: 'Confirm' }).click();
  expect(await textOf(page)).toContain('It was good for two days, and they are over.');
  await publish({ title: 'A bootloader' });
  expect(await mailsTo(email)).toHaveLength(1);
  await ask(page, { query: 'bootloader', cadence: 'At once', email });
  await confirm(page, email);
  await publish({ title: 'Another bootloader' });
  expect(await subjectsTo(email)).toEqual(['bootloader: Another bootloader']);
});

test('at once, without scripts: each post once, from the button until the stop', async () => {
  const email = 'ada@example.org';
  await clock.passUntil('2026-03-27T12:00:00Z');
  const page = await open({ javaScriptEnabled: false });
  await begin('Of late the scheduler was slow. That is all.');
  const preview = await ask(page, { query: 'scheduler', cadence: 'At once', email });
  expect(preview).toContain('1 post in the last 90 days');
  expect(preview).toContain('Of late the scheduler was slow.');

  // The mail's link alone begins nothing, however often it is opened.
  const [asking] = await mailsTo(email);
  expect(asking).toMatchObject({ subject: 'Confirm your alert: scheduler', date: clock.now() });
  await page.goto(linkIn(asking, 'confirm'));
  await page.reload();
  await page.getByRole('heading', { name: 'Begin this alert?' }).waitFor();
  await publish({ title: 'A scheduler too early' });
  expect(await subjectsTo(email)).toEqual([]);
  await page.getByRole('button', { name: 'Confirm' }).click();
  expect(await textOf(page)).toContain('The alert is in force');

  await clock.pass({ minutes: 5 });
  const text = 'It took a year. A new scheduler is in. Then came others.';
  await publish({ title: 'A scheduler for all', text }, { title: 'Of other things' });
  const mail = (await mailsTo(email))[1];
  expect(mail).toMatchObject({ subject: 'scheduler: A scheduler for all', date: clock.now() });
  expect(mail?.html).toMatch(/A new <b[^>]*>scheduler<\/b> is in\./u);
  expect(mail?.text).toMatch(/https:\/\/example\.org\/kernel-news-\d+\/a-scheduler-for-all/u);
  await publish({ title: 'A scheduler for all', text: `${text} The scheduler was mended.` });
  expect(await subjectsTo(email)).toEqual(['scheduler: A scheduler for all']);

  await page.getByRole('link', { name: 'What was sent, and why' }).click();
  const history = await textOf(page);
  expect(history).toMatch(/New posts with scheduler\s+27 March 2026 at 12:05 UTC, sent/u);
  expect(history).toContain('A scheduler for all');
  await page.goto(linkIn(mail, 'unsubscribe'));
  await publish({ title: 'A scheduler while the page is open' });
  expect(await subjectsTo(email)).toHaveLength(2);
  await page.getByRole('button', { name: 'Stop it' }).click();
  await page.getByRole('heading', { name: 'The alert is stopped' }).waitFor();
  await publish({ title: 'A scheduler too late' });
  expect(await subjectsTo(email)).toEqual([
    'scheduler: A scheduler for all',
    'scheduler: A scheduler while the page is open',
  ]);
  await page.goto(linkIn(mail, 'manage'));
  expect(await textOf(page)).toContain('Stopped.');
});

test('daily, at the hour and in the zone of its reader, when clocks go forward and back', async () => {
  const email = 'bela@example.org';
  const page = await open();
  await begin();
  expect(await ask(page, { query: 'allocator', cadence: 'Once a day', email })).toContain(
    'Nothing so far',
  );
  await confirm(page, email);
  await page.getByLabel('Hour').selectOption('02:00');
  await page.getByLabel('Time zone').fill('Europe/Vienna');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  expect(await textOf(page)).toContain('Digests come at the new time from now on.');
  expect(await textOf(page)).toMatch(
    /Once a day, at 02:00.*next mail may come on 28 March 2026 at 02:00 Europe\/Vienna/su,
  );

  await publish({ title: 'First allocator' });
  await clock.passUntil('2026-03-28T00:59:59Z');
  expect(await subjectsTo(email)).toEqual([]);
  await clock.passUntil('2026-03-28T01:00:00Z');
  expect(await subjectsTo(email)).toEqual(['allocator: First allocator']);
  expect((await mailsTo(email))[1]?.text).toMatch(/checked\s+for\s+this/u);

  // There is no 02:00 on the 29th: it is 03:00, an hour earlier by the sun than the day before.
  await publish({ title: 'Second allocator' }, { title: 'Third allocator' });
  await clock.passUntil('2026-03-29T00:59:59Z');
  expect(await subjectsTo(email)).toHaveLength(1);
  await clock.passUntil('2026-03-29T01:00:00Z');
  expect((await subjectsTo(email))[1]).toMatch(/^allocator: \w+ allocator and 1 more$/u);

  // There are two on 25 October: the first counts. Nothing was found until then.
  await clock.passUntil('2026-10-24T12:00:00Z');
  expect((await subjectsTo(email)).slice(2)).toEqual(['Still watching: allocator']);
  await publish({ title: 'Autumn allocator' });
  await clock.passUntil('2026-10-24T23:59:59Z');
  expect(await subjectsTo(email)).toHaveLength(3);
  await clock.passUntil('2026-10-25T00:00:00Z');
  expect((await subjectsTo(email))[3]).toBe('allocator: Autumn allocator');
  await publish({ title: 'Winter allocator' });
  for (const moment of ['2026-10-25T01:00:00Z', '2026-10-26T00:59:59Z']) {
    await clock.passUntil(moment);
    expect(await subjectsTo(email)).toHaveLength(4);
  }
  await clock.passUntil('2026-10-26T01:00:00Z');
  const last = (await mailsTo(email))[5];
  expect(last).toMatchObject({ subject: 'allocator: Winter allocator', date: clock.now() });

  await page.goto(linkIn(last, 'manage'));
  await page.getByRole('button', { name: 'Pause' }).click();
  expect(await textOf(page)).toContain('Paused.');
  await publish({ title: 'Unwatched allocator' });
  await clock.pass({ days: 1 });
  expect(await subjectsTo(email)).toHaveLength(5);
  await page.getByRole('button', { name: 'Go on' }).click();
  await publish({ title: 'Watched allocator' });
  await clock.pass({ days: 1 });
  expect((await subjectsTo(email)).slice(5)).toEqual(['allocator: Watched allocator']);
  await page.getByRole('link', { name: 'What was sent, and why' }).click();
  const history = await textOf(page);
  expect(history.match(/Digest of allocator\s+.* at 02:00 Europe\/Vienna, sent/gu)).toHaveLength(4);
  expect(history).toMatch(/allocator\s+29 March 2026 at 03:00 Europe\/Vienna, sent/u);
  expect(history).toContain('Watched allocator');
  expect(history).not.toContain('Unwatched allocator');
});

test('weekly, on Monday evenings in New York, and not when nothing was found', async () => {
  await clock.passUntil('2026-10-28T12:00:00Z');
  const email = 'cora@example.org';
  const page = await open();
  await begin();
  await ask(page, { query: 'filesystem', cadence: 'Once a week', email });
  await confirm(page, email);
  await page.getByLabel('Hour').selectOption('18:00');
  await page.getByLabel('Time zone').fill('america/new york');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  expect(await textOf(page)).toMatch(
    /Once a week, on Mondays at 18:00.*next mail may come on 2 November 2026 at 18:00 America\/New_York/su,
  );

  await publish({ title: 'A filesystem of Wednesday' });
  await clock.passUntil('2026-10-30T12:00:00Z');
  await publish({ title: 'A filesystem of Friday' });
  // Summer time has ended there the day before.
  for (const moment of ['2026-11-02T22:00:00Z', '2026-11-02T22:59:59Z']) {
    await clock.passUntil(moment);
    expect(await subjectsTo(email)).toEqual([]);
  }
  await clock.passUntil('2026-11-02T23:00:00Z');
  const subject = 'filesystem: A filesystem of Friday and 1 more';
  expect(await subjectsTo(email)).toEqual([subject]);
  expect((await mailsTo(email))[1]?.text).toContain('A filesystem of Wednesday');
  await clock.passUntil('2026-11-09T23:00:00Z');
  expect(await subjectsTo(email)).toEqual([subject]);
  await publish({ title: 'A filesystem of the next week' });
  await clock.passUntil('2026-11-16T22:59:59Z');
  expect(await subjectsTo(email)).toEqual([subject]);
  await clock.passUntil('2026-11-16T23:00:00Z');
  expect((await subjectsTo(email))[1]).toBe('filesystem: A filesystem of the next week');

  await page.goto(linkIn((await mailsTo(email)).at(-1), 'manage'));
  await page.getByText('Delete', { exact: true }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  expect(await textOf(page)).toContain('There is no alert at present.');
  await publish({ title: 'A filesystem that nobody watches' });
  await clock.pass({ days: 7 });
  expect(await subjectsTo(email)).toHaveLength(2);
});

test('at once until it is too much: then a daily one that says so, and has the way back', async () => {
  const email = 'dora@example.org';
  await clock.passUntil('2026-11-24T20:00:00Z');
  const page = await open();
  await begin();
  await ask(page, { query: 'tracing', cadence: 'At once', email });
  await confirm(page, email);
  for (let n = 1; n <= INSTANT_MAILS_PER_DAY_MAX; n++) {
    await publish({ title: `Tracing ${n}` });
    await work();
  }
  const mails = await mailsTo(email);
  const told = mails.map((mail) => /once\s+a\s+day\s+from\s+now\s+on/u.test(String(mail.text)));
  expect(told.indexOf(true)).toBe(INSTANT_MAILS_PER_DAY_MAX); // the first mail asked
  await publish({ title: 'Tracing kept' });
  expect(await mailsTo(email)).toHaveLength(mails.length);
  await page.reload();
  expect(await textOf(page)).toMatch(
    /Once a day, at 07:00.*since 24 Nov 2026, when it met too much for mails at once/su,
  );

  await clock.passUntil('2026-11-25T06:59:59Z');
  expect(await mailsTo(email)).toHaveLength(mails.length);
  await clock.passUntil('2026-11-25T07:00:00Z');
  expect((await subjectsTo(email)).slice(mails.length - 1)).toEqual(['tracing: Tracing kept']);
  await page.getByRole('button', { name: 'At once' }).click();
  expect(await textOf(page)).not.toContain('too much');
  await clock.passUntil('2026-11-25T21:00:00Z');
  await publish({ title: 'Tracing at once again' });
  expect((await mailsTo(email)).at(-1)).toMatchObject({
    subject: 'tracing: Tracing at once again',
    date: clock.now(),
  });
});
