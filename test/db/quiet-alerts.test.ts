import { describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { QUIET_AGAIN_DAYS, QUIET_DAYS } from '../../lib/model/alert.ts';
import { changeAlert } from '../../lib/store/alerts.ts';
import { setQuietMails, tellQuietAlerts } from '../../lib/store/quiet-alerts.ts';
import { countSearchWords } from '../../lib/store/search-words.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { tellQuiet } from '../../workers/jobs/tell-quiet.ts';
import { useDatabase } from '../support/database.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const watchers = useWatchers();
const { watch, publish } = watchers;

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const daysAhead = (days: number) => new Date(Date.now() + days * DAY_MS);

/** Lets what was written for later be sent now. */
const comeDue = () =>
  dbPool().query(`UPDATE deliveries SET next_attempt_at = now() - interval '1 second'`);

/** The texts of the mails that were sent, each in one line. */
async function mailed(): Promise<string[]> {
  await deliverMail();
  return (await mailbox.list()).map((mail) => String(mail.text).replace(/\s+/gu, ' '));
}

describe('an alert that finds nothing', () => {
  test('says after a month that it still watches, and then once a quarter', async () => {
    await watch('zettelkasten', { now: daysAgo(QUIET_DAYS + 2) });
    expect(await tellQuiet(daysAgo(3))).toBe(0);
    expect(await tellQuiet()).toBe(1);
    expect(await tellQuiet()).toBe(0);
    const [text] = await mailed();
    expect(text).toContain('Your alert still watches');
    expect(text).toMatch(/zettelkasten Nothing found since it began on \d/u);
    expect(text).toContain('source was checked');
    expect(await tellQuiet(daysAhead(QUIET_AGAIN_DAYS - 1))).toBe(0);
    expect(await tellQuiet(daysAhead(QUIET_AGAIN_DAYS + 1))).toBe(1);
  });

  test('comes at the hour at which its owner reads digests', async () => {
    await watch('zettelkasten', { now: new Date('2026-06-02T12:00:00Z') });
    expect(await tellQuiet(new Date('2026-07-03T06:59:00Z'))).toBe(0);
    expect(await tellQuiet(new Date('2026-07-03T07:00:00Z'))).toBe(1);
  });

  test('is one mail with all others of its owner that are quiet, and no other’s', async () => {
    const now = daysAgo(QUIET_DAYS + 2);
    await watch('zettelkasten', { now });
    await watch('memex', { now, cadence: 'weekly' });
    await watch('nearly due', { now: daysAgo(QUIET_DAYS - 3) });
    await watch('young', { now: daysAgo(3) });
    await watch('read by feed', { now, cadence: 'feed' });
    await watch('of another', { now, email: 'other@example.org' });
    expect(await tellQuiet()).toBe(2);
    const texts = (await mailed()).toSorted((a, b) => b.length - a.length);
    expect(texts[0]).toContain('3 of your alerts still watch');
    expect(texts[0]).toContain('nearly due Nothing found');
    expect(texts[0]).not.toContain('young');
    expect(texts[0]).not.toContain('read by feed');
    expect(texts[1]).toContain('of another');
  });

  test('is not one that found something in the month, which is counted from then', async () => {
    await watch('kernel', { now: daysAgo(QUIET_DAYS + 2) });
    await publish({ title: 'Kernel' });
    await matchAlerts();
    expect(await tellQuiet()).toBe(0);
    expect(await tellQuiet(daysAhead(QUIET_DAYS - 1))).toBe(0);
    expect(await tellQuiet(daysAhead(QUIET_DAYS + 1))).toBe(1);
    await comeDue();
    const texts = await mailed();
    expect(texts.find((text) => text.includes('still watches'))).toMatch(/Nothing new since \d/u);
  });

  test('says nothing of one that finds something before the mail goes out', async () => {
    await watch('kernel', { now: daysAgo(QUIET_DAYS + 2), cadence: 'daily' });
    await tellQuiet(daysAgo(0));
    await publish({ title: 'Kernel' });
    await matchAlerts();
    expect(await mailed()).toEqual([]);
  });

  test('says nothing when its owner does not want that, or it is paused or begun anew', async () => {
    const now = daysAgo(QUIET_DAYS + 2);
    const paused = await watch('one', { now });
    const again = await watch('two', { now, email: 'two@example.org' });
    await watch('three', { now, email: 'three@example.org' });
    const ids = await dbPool().query(`SELECT id, email FROM subscribers ORDER BY id`);
    await changeAlert(paused, { version: 1 }, { status: 'paused' });
    await changeAlert(again, { version: 1 }, { status: 'ended' });
    await changeAlert(again, { version: 1 }, { status: 'active' });
    expect(await setQuietMails(ids.rows[2].id, false)).toBe(true);
    expect(await tellQuiet()).toBe(0);
    // A mail that waits is dropped as well.
    await setQuietMails(ids.rows[2].id, true);
    expect(await tellQuiet(daysAhead(QUIET_DAYS + 1))).toBe(2);
    await setQuietMails(ids.rows[2].id, false);
    await comeDue();
    const texts = await mailed();
    expect(texts).toHaveLength(1);
    expect(texts[0]).toContain('two');
  });

  test('is told once by two workers that look at the same time', async () => {
    await watch('zettelkasten', { now: daysAgo(QUIET_DAYS + 2) });
    const now = new Date();
    const both = await Promise.all([tellQuietAlerts(now), tellQuietAlerts(now)]);
    expect(both.map(({ mails }) => mails).toSorted()).toEqual([0, 1]);
  });
});

describe('near misses', () => {
  const old = () => daysAgo(QUIET_DAYS + 2);
  const published = () => ({ publishedAt: daysAgo(5) });

  /** The mail of one quiet alert, after these posts. */
  async function miss(query: string, ...drafts: Parameters<typeof publish>): Promise<string> {
    await watch(query, { now: old() });
    await publish(
      ...drafts.map((draft, n) => ({
        url: `https://example.org/${n}`,
        ...published(),
        ...draft,
      })),
    );
    await matchAlerts();
    await countSearchWords();
    await tellQuiet();
    return (await mailed())[0] ?? '';
  }

  test('are posts that have one part less, with the way to watch for that', async () => {
    const text = await miss(
      'tokio "work stealing"',
      { title: 'Tokio from within' },
      { title: 'Of gardens' },
    );
    expect(text).toMatch(/1 post has part of it: .*tokio/iu);
    expect(text).toContain('Tokio from within');
    expect(text).not.toContain('gardens');
    expect(text).toMatch(/alerts\/manage\/\S+\/words\/1\?query=tokio/u);
  });

  test('are posts that only what is left out kept away', async () => {
    const text = await miss('kernel -windows', { title: 'Kernel of Windows' });
    expect(text).toContain(
      '1 post would have met it but for what it leaves out. With that: kernel',
    );
  });

  test('are posts that spell a word another way', async () => {
    const text = await miss('kubernets', { title: 'Kubernetes at home' });
    expect(text).toContain('1 post has it spelt another way: kubernetes');
  });

  test('tell each post once, and none that came before the alert fell quiet', async () => {
    const text = await miss(
      '"far memory" allocators',
      { title: 'Far memory for all' },
      { title: 'Allocators of old', publishedAt: daysAgo(QUIET_DAYS + 20) },
    );
    expect(text.match(/Far memory for all/gu)).toHaveLength(1);
    expect(text).not.toContain('Allocators of old');
  });

  test('of an alert with a policy are those which its words meet', async () => {
    await watch('kernel', { now: old(), policy: '{"tag": ["architecture"]}' });
    await publish({ title: 'Kernel at last', ...published() });
    await matchAlerts();
    await tellQuiet();
    expect((await mailed())[0]).toMatch(/1 post has the words, but not what .* Kernel at last/u);
  });
});
