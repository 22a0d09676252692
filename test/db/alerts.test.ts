import { beforeEach, describe, expect, test, vi } from 'vitest';
import { makeToken, readToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import type { Cadence } from '../../lib/model/alert.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { getAlert, getSubscriber, listAlerts, previewAlert } from '../../lib/queries/alerts.ts';
import {
  changeAlert,
  confirmAlert,
  deleteSubscriber,
  pruneWishes,
  requestAlert,
  rotateSubscriber,
} from '../../lib/store/alerts.ts';
import { postponeDelivery } from '../../lib/store/deliveries.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { linkIn, useMailbox } from '../support/mail.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();
const mailbox = useMailbox();

const HOUR_MS = 3_600_000;
let feed: SavingFeed;
let number = 0;

beforeEach(async () => {
  await dbPool().query('TRUNCATE feeds, tags, subscribers, suppressions RESTART IDENTITY CASCADE');
  number += 1;
  const id = await makeFeed(`Feed ${number}`);
  feed = { id, slug: `feed-${number}`, firstGoodAt: new Date(0), feedTags: [] };
});

function ask(query: string, options: { cadence?: Cadence; email?: string; now?: Date } = {}) {
  const parsed = parseQuery(query);
  if (parsed.kind !== 'query') throw new Error(parsed.message);
  const email = options.email ?? 'reader@example.org';
  return requestAlert(
    {
      email,
      emailKey: email.toLowerCase(),
      query,
      queryKey: parsed.key,
      tree: parsed.tree,
      cadence: options.cadence ?? 'instant',
    },
    options.now,
  );
}

async function confirmAll(now = new Date()): Promise<number[]> {
  const { rows } = await dbPool().query<{ id: number; version: number }>(
    `SELECT id, token_version AS version FROM alerts WHERE status = 'pending' ORDER BY id`,
  );
  for (const claim of rows) await confirmAlert(claim, now);
  return rows.map((row) => row.id);
}

const publish = (...drafts: Parameters<typeof makeDraft>[0][]) =>
  savePosts(feed, drafts.map(makeDraft), { now: new Date() });

/** Confirmation mails are sent and forgotten, so that a test sees only what follows. */
async function watch(query: string, options: Parameters<typeof ask>[1] = {}): Promise<number> {
  await ask(query, options);
  await dbPool().query(`DELETE FROM deliveries WHERE kind = 'confirm'`);
  const [id = 0] = await confirmAll(options.now);
  return id;
}

const matches = async () => {
  const { rows } = await dbPool().query<{ title: string }>(
    `SELECT p.title FROM alert_matches m JOIN posts p ON p.id = m.post_id ORDER BY p.id, m.alert_id`,
  );
  return rows.map((row) => row.title);
};

describe('an alert', () => {
  test('is asked for, confirmed by its link, and told once of a post', async () => {
    await ask('NUMA');
    await deliverMail();
    const [confirmation] = await mailbox.list();
    expect(confirmation?.subject).toBe('Confirm your alert: NUMA');
    await publish({ title: 'Too early for NUMA' });
    await matchAlerts();
    const token = linkIn(confirmation, 'confirm').split('/').at(-1) ?? '';
    const claim = readToken('confirm', token);
    expect(claim && (await confirmAlert(claim))).toBe(true);
    for (let i = 0; i < 3; i++) {
      await publish({
        title: 'Memory today',
        url: 'https://example.org/memory?a=1&b=2',
        bodyText: 'Much is said. Large machines have numa nodes of their own. More is said.',
      });
      await matchAlerts();
      await deliverMail();
    }
    const [, mail, ...more] = await mailbox.list();
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('NUMA: Memory today');
    expect(mail?.text).toContain('Large machines have numa nodes of their own.');
    expect(mail?.text).not.toContain('Much is said');
    expect(mail?.html).toContain('href="https://example.org/memory?a=1&amp;b=2"');
    expect(mail?.html).toMatch(/<b [^>]*class="mark"[^>]*>numa<\/b>/u);
    expect(mail?.text).toContain(`Feed ${number}`);
  });

  test('has mails that one click ends, with the headers of RFC 8058', async () => {
    const id = await watch('kernel');
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await deliverMail();
    const [mail] = await mailbox.list();
    const url = linkIn(mail, 'unsubscribe');
    expect(mail?.headers.get('list')).toMatchObject({ unsubscribe: { url } });
    const raw = new Map(mail?.headerLines.map(({ key, line }) => [key, line]));
    expect(raw.get('list-unsubscribe-post')).toBe(
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    );
    expect(raw.get('auto-submitted')).toBe('Auto-Submitted: auto-generated');
    expect(mail?.messageId).toMatch(/^<instant-\d+-\d+@/u);
    const claim = readToken('unsubscribe', url.split('/').at(-1) ?? '');
    expect(claim?.id).toBe(id);
    expect(await changeAlert(id, { version: claim?.version ?? 0 }, { status: 'ended' })).toBe(true);
    await publish({ title: 'Another kernel' });
    await matchAlerts();
    expect(await matches()).toEqual(['A new kernel']);
  });

  test('finds words whatever their case and accents, phrases, beginnings, tags, and heeds what is left out', async () => {
    const titles = async (query: string) => {
      await dbPool().query('TRUNCATE subscribers CASCADE');
      await watch(query);
      await dbPool().query(`UPDATE posts SET matched_at = NULL, created_at = now()`);
      await matchAlerts();
      return matches();
    };
    await publish(
      { title: 'One', bodyText: 'The Café has a data dictionary.' },
      { title: 'Two', bodyText: 'Data in a big dictionary; webinar on databases.' },
      {
        title: 'Three',
        bodyText: 'Nothing.',
        tags: [{ slug: 'c-sharp', name: 'Garbage Collection' }],
      },
    );
    expect(await titles('cafe')).toEqual(['One']);
    expect(await titles('"data dictionary"')).toEqual(['One']);
    expect(await titles('data dictionary')).toEqual(['One', 'Two']);
    expect(await titles('data -webinar')).toEqual(['One']);
    expect(await titles('datab*')).toEqual(['Two']);
    expect(await titles('café OR nothing')).toEqual(['One', 'Three']);
    expect(await titles('"garbage collection"')).toEqual(['Three']);
    expect(await titles('"three garbage"')).toEqual([]);
    expect(await titles('dat')).toEqual([]);
  });

  test('never tells of the first posts of a feed', async () => {
    await watch('kernel');
    feed = { ...feed, firstGoodAt: null };
    await publish({ title: 'An old kernel' });
    await matchAlerts();
    expect(await matches()).toEqual([]);
  });

  test('tells several posts of one poll in one mail', async () => {
    await watch('kernel');
    await publish({ title: 'Kernel one' }, { title: 'Kernel two' }, { title: 'Kernel three' });
    await matchAlerts();
    await deliverMail();
    const [mail, ...more] = await mailbox.list();
    expect(more).toEqual([]);
    expect(mail?.subject).toMatch(/^kernel: Kernel \w+ and 2 more$/u);
    expect(mail?.text).toContain('Three new posts with “kernel”');
  });

  test('of which somebody asks again keeps its cadence until its owner says otherwise', async () => {
    const id = await watch('kernel', { cadence: 'daily' });
    await ask('KERNEL', { cadence: 'instant' });
    const { rows } = await dbPool().query('SELECT id, cadence, status FROM alerts');
    expect(rows).toEqual([{ id, cadence: 'daily', status: 'active' }]);
  });

  test('that is there when somebody asks for it answers with the way to its page', async () => {
    await watch('kernel');
    await ask('kernel');
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.subject).toBe('Your alert is in force already: kernel');
    expect(readToken('manage', linkIn(mail, 'manage').split('/').at(-1) ?? '')).toEqual({
      id: 1,
      version: 1,
    });
    expect(mail?.text).not.toContain('/alerts/confirm/');
    // Links to confirm it are used up.
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(false);
  });

  test('cannot be confirmed after two days, or after it was stopped', async () => {
    const asked = new Date(Date.now() - 49 * HOUR_MS);
    await ask('kernel', { now: asked });
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(false);
    await ask('kernel');
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(true);
    await changeAlert(1, { version: 1 }, { status: 'ended' });
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(false);
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(false);
  });

  test('is refused quietly for a suppressed address, and after too many mails within an hour', async () => {
    await dbPool().query(`INSERT INTO suppressions VALUES ('gone@example.org', 'bounced')`);
    expect(await ask('kernel', { email: 'gone@example.org' })).toBe('suppressed');
    const outcomes = [];
    for (let i = 0; i < 7; i++) outcomes.push(await ask(`kernel${i}`));
    expect(outcomes).toEqual([...Array(5).fill('mailed'), 'too-many', 'too-many']);
  });

  test('keeps its other words when Postgres knows one of them only', async () => {
    await watch('²³* kernel');
    await publish({ title: 'A kernel' });
    await matchAlerts();
    expect(await matches()).toEqual(['A kernel']);
  });

  test('that nobody confirms is forgotten with its address, and does not count', async () => {
    const monthAgo = new Date(Date.now() - 30 * 24 * HOUR_MS);
    await watch('kernel');
    await ask('scheduler', { now: monthAgo });
    await ask('kernel', { email: 'typo@example.org', now: monthAgo });
    await dbPool().query(
      `INSERT INTO alerts (subscriber_id, query, query_key, tsquery)
       SELECT 1, i, i, 'x' FROM generate_series(1, 100) AS i`,
    );
    expect(await ask('memory')).toBe('mailed');
    await dbPool().query(`UPDATE subscribers SET created_at = $1`, [monthAgo]);
    await pruneWishes();
    const { rows } = await dbPool().query(
      `SELECT s.email, a.query FROM subscribers s JOIN alerts a ON a.subscriber_id = s.id
       WHERE length(a.query) > 3 ORDER BY a.id`,
    );
    expect(rows).toEqual([
      { email: 'reader@example.org', query: 'kernel' },
      { email: 'reader@example.org', query: 'memory' },
    ]);
    expect((await dbPool().query('SELECT FROM subscribers')).rows).toHaveLength(1);
  });

  test('whose words Postgres does not know is refused', async () => {
    expect(await ask('²')).toBe('no-word');
    // Nor what is left of it: every post without this word.
    expect(await ask('² -kernel')).toBe('no-word');
    expect(await ask('²³*')).toBe('no-word');
    const { rows } = await dbPool().query('SELECT FROM subscribers');
    expect(rows).toEqual([]);
  });
});

describe('a digest', () => {
  test('comes when its hour has come, with what no mail has told, and only then', async () => {
    const asked = new Date('2026-06-02T12:00:00Z');
    await watch('kernel', { cadence: 'daily', now: asked });
    await publish({ title: 'Kernel one' });
    await matchAlerts();
    expect(await buildDigests(new Date('2026-06-03T06:59:00Z'))).toBe(0);
    expect(await buildDigests(new Date('2026-06-03T07:01:00Z'))).toBe(1);
    expect(await buildDigests(new Date('2026-06-03T07:02:00Z'))).toBe(0);
    // Nothing new: no mail the next day.
    expect(await buildDigests(new Date('2026-06-04T07:01:00Z'))).toBe(0);
    await deliverMail();
    const mails = await mailbox.list();
    expect(mails.map((mail) => mail.subject)).toEqual(['kernel: Kernel one']);
  });

  test('comes on Mondays when it is weekly', async () => {
    const id = await watch('kernel', { cadence: 'weekly', now: new Date('2026-06-02T12:00:00Z') });
    const found = await getAlert({ id, version: 1 });
    expect(found?.alert.nextDigestAt).toBe('2026-06-08T07:00:00.000Z');
  });

  test('that becomes an instant alert sends at once what it has kept', async () => {
    const id = await watch('kernel', { cadence: 'daily' });
    await publish({ title: 'Kernel one' });
    await matchAlerts();
    await changeAlert(id, { version: 1 }, { cadence: 'instant' });
    expect(await buildDigests()).toBe(1);
    expect((await getAlert({ id, version: 1 }))?.alert.nextDigestAt).toBeNull();
  });
});

describe('what was found before', () => {
  test.each<[string, Parameters<typeof changeAlert>[2][]]>([
    ['a pause', [{ status: 'paused' }, { status: 'active' }]],
    ['an end', [{ status: 'ended' }, { status: 'active' }]],
    ['the alert was a feed', [{ cadence: 'feed' }, { cadence: 'daily' }]],
    ['the alert was a feed, now instant,', [{ cadence: 'feed' }, { cadence: 'instant' }]],
  ])('%s is not mailed later', async (_when, changes) => {
    const id = await watch('kernel', { cadence: 'daily' });
    await publish({ title: 'Old kernel' });
    await matchAlerts();
    const later = new Date(Date.now() + HOUR_MS);
    for (const change of changes) await changeAlert(id, { version: 1 }, change, later);
    const week = new Date(Date.now() + 7 * 24 * HOUR_MS);
    expect(await buildDigests(week)).toBe(0);
    expect(await matches()).toEqual(['Old kernel']);
  });
});

describe('mail', () => {
  test('waits while the server refuses it for now, and is given up after two days', async () => {
    await ask('kernel', { now: new Date(Date.now() - 47 * HOUR_MS) });
    await postponeDelivery(1, '421 busy');
    const state = async () => {
      const sql = `SELECT status, next_attempt_at > now() AS later FROM deliveries`;
      return (await dbPool().query(sql)).rows;
    };
    expect(await state()).toEqual([{ status: 'pending', later: true }]);
    expect(await deliverMail()).toBe(0);
    await dbPool().query(`UPDATE deliveries SET created_at = created_at - interval '2 hours'`);
    await postponeDelivery(1, '421 busy');
    expect((await state())[0]?.status).toBe('dead');
  });

  test('goes once, however many workers deliver at the same time', async () => {
    for (let i = 0; i < 12; i++) await ask('kernel', { email: `reader${i}@example.org` });
    await Promise.all([deliverMail(), deliverMail(), deliverMail()]);
    const mails = await mailbox.list();
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(12);
    expect(mails).toHaveLength(12);
  });

  test('shows what feeds say as text, whatever it looks like', async () => {
    await watch('kernel');
    await publish({
      title: '<script>alert(1)</script> kernel\r\nBcc: everybody@example.org',
      bodyText: 'A kernel <img src=x onerror=alert(1)> of truth.',
    });
    await matchAlerts();
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.html).not.toMatch(/<script|<img/u);
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.to).toMatchObject({ text: 'reader@example.org' });
  });
});

describe('a subscriber', () => {
  test('has a page whose older links end when it gets a new address', async () => {
    await watch('kernel');
    expect(await getSubscriber({ id: 1, version: 1 })).toMatchObject({
      email: 'reader@example.org',
      alerts: [{ query: 'kernel', status: 'active' }],
    });
    expect(await rotateSubscriber(1)).toBe(2);
    expect(await getSubscriber({ id: 1, version: 1 })).toBeUndefined();
    expect(await getSubscriber({ id: 1, version: 2 })).toBeDefined();
  });

  test('sees of each alert how many posts it found, and the last that is still there', async () => {
    await watch('kernel');
    await watch('scheduler');
    await publish({ title: 'Kernel one' }, { title: 'Kernel two' });
    await matchAlerts();
    await dbPool().query(`UPDATE posts SET withdrawn_at = now() WHERE title = 'Kernel two'`);
    await deliverMail();
    const page = await getSubscriber({ id: 1, version: 1 });
    expect(page?.alerts).toMatchObject([
      { query: 'scheduler', hits: 0, lastHit: null, lastMailAt: null },
      { query: 'kernel', hits: 2, lastHit: { title: 'Kernel one' } },
    ]);
    expect(page?.alerts[1]?.lastMailAt).not.toBeNull();
    expect(await listAlerts()).toMatchObject([
      { query: 'scheduler', email: 'reader@example.org' },
      { query: 'kernel' },
    ]);
  });

  test('that gave its page a new address cannot be reached by an older confirmation', async () => {
    await watch('kernel');
    await ask('scheduler');
    await rotateSubscriber(1);
    expect(await confirmAlert({ id: 2, version: 1 })).toBe(false);
    expect(await changeAlert(1, { version: 1 }, { status: 'ended' })).toBe(true);
  });

  test('who is forgotten while posts are matched ends no matching', async () => {
    await watch('kernel');
    await watch('kernel', { email: 'other@example.org' });
    await publish({ title: 'A new kernel' });
    const client = await dbPool().connect();
    await client.query('BEGIN');
    await client.query('DELETE FROM subscribers WHERE id = 1');
    const matched = matchAlerts();
    await vi.waitFor(async () => {
      const sql = `SELECT FROM pg_locks WHERE NOT granted`;
      expect((await dbPool().query(sql)).rows).toHaveLength(1);
    }, 5000);
    await client.query('COMMIT');
    client.release();
    expect(await matched).toBe(1);
    expect(await matches()).toEqual(['A new kernel']);
  });

  test('can be forgotten, with everything', async () => {
    await watch('kernel');
    await publish({ title: 'A new kernel' });
    await matchAlerts();
    await deleteSubscriber(1);
    for (const table of ['subscribers', 'alerts', 'alert_matches', 'deliveries']) {
      expect((await dbPool().query(`SELECT FROM ${table}`)).rows).toEqual([]);
    }
  });
});

test('a post whose words are more than Postgres can hold is found by those at its beginning', async () => {
  const letters = [...'აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ'];
  const word = (i: number) =>
    [1, 33, 1089, 35_937].map((n) => letters[Math.floor(i / n) % 33]).join('');
  const compounds = Array.from(
    { length: 13_000 },
    (_, i) => `${word(3 * i)}-${word(3 * i + 1)}-${word(3 * i + 2)}`,
  );
  const id = await watch('kernel');
  await publish({ title: 'Long', bodyText: `A kernel. ${compounds.join(' ')}` });
  await matchAlerts();
  expect((await getAlert({ id, version: 1 }))?.alert.hits).toBe(1);
});

describe('the preview', () => {
  const lookFor = (query: string, now?: Date) => {
    const parsed = parseQuery(query);
    if (parsed.kind !== 'query') throw new Error(parsed.message);
    return previewAlert(parsed.tree, now);
  };

  test('ends when it takes too long, and takes part of the connections only', async () => {
    const client = await dbPool().connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE posts');
    const early = [1, 2, 3].map(() => lookFor('kernel'));
    const late = lookFor('kernel');
    expect(await Promise.race([...early, late.then(() => 'late')])).toBe('late');
    for (const each of [...early, late]) expect(await each).toEqual({ kind: 'too-costly' });
    await client.query('ROLLBACK');
    client.release();
    expect(await lookFor('kernel')).toMatchObject({ kind: 'preview' });
  });

  test('counts what would have been found lately, and shows the latest', async () => {
    const now = new Date();
    const at = (days: number) => new Date(now.getTime() - days * 24 * HOUR_MS);
    feed = { ...feed, firstGoodAt: null };
    await publish(
      { title: 'Kernel one', publishedAt: at(1), bodyText: 'First. A kernel here. Last.' },
      { title: 'Kernel two', publishedAt: at(80) },
      { title: 'Kernel three', publishedAt: at(100) },
    );
    const outcome = await lookFor('kernel', now);
    const preview = outcome.kind === 'preview' ? outcome.preview : undefined;
    expect(preview).toMatchObject({ posts: 2, days: 90 });
    expect(preview?.latest.map((hit) => hit.title.map((p) => p.text).join(''))).toEqual([
      'Kernel one',
      'Kernel two',
    ]);
    expect(preview?.latest[0]?.sentence).toEqual([
      { text: 'A ', isMatch: false },
      { text: 'kernel', isMatch: true },
      { text: ' here.', isMatch: false },
    ]);
  });
});

test('a token is worth nothing for another purpose, version or alert', () => {
  const token = makeToken('confirm', { id: 7, version: 1 });
  expect(readToken('confirm', token)).toEqual({ id: 7, version: 1 });
  expect(readToken('unsubscribe', token)).toBeUndefined();
  expect(readToken('confirm', token.replace('7.', '8.'))).toBeUndefined();
  expect(readToken('confirm', token.replace('.1.', '.2.'))).toBeUndefined();
  expect(readToken('confirm', `0${token}`)).toBeUndefined();
  expect(readToken('confirm', token.slice(0, -1))).toBeUndefined();
});
