import { describe, expect, test } from 'vitest';
import { makeToken, readToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { getAlert } from '../../lib/queries/alerts.ts';
import { changeAlert, confirmAlert, pruneWishes } from '../../lib/store/alerts.ts';
import { addSuppression, listSuppressions, setNeverAsked } from '../../lib/store/suppressions.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { linkIn, useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const watchers = useWatchers();
const { ask, watch, publish, matches } = watchers;

const HOUR_MS = 3_600_000;

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
    expect(mail?.text).toContain('Post Syndicated from Feed 1 original');
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
      await emptyTables(['subscribers']);
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

  test('shows the form of a word that met it', async () => {
    await watch('=dogs OR database');
    await publish({ title: 'One', bodyText: 'None here. All databases run.', language: 'en' });
    await matchAlerts();
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.text).toContain('All databases run.');
    expect(mail?.text).not.toContain('None here');
    expect(mail?.html).toMatch(/<b [^>]*class="mark"[^>]*>databases<\/b>/u);
  });

  test('never tells of the first posts of a feed', async () => {
    await watch('kernel');
    watchers.feed = { ...watchers.feed, firstGoodAt: null };
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

  test('names the host of its webhook when it asks to be confirmed, and nothing else of it', async () => {
    await ask('kernel', { webhook: 'https://user-7.hooks.example:8443/in/s3cret-token?k=s3cret' });
    await ask('scheduler');
    await deliverMail();
    const [hooked, plain] = await mailbox.list();
    for (const part of [hooked?.text, String(hooked?.html)]) {
      expect(part).toMatch(/also sent to a webhook at .*user-7\.hooks\.example:8443/su);
      expect(part).not.toContain('s3cret');
    }
    expect(plain?.text).not.toContain('webhook');
  });

  test('whose webhook has a name in other letters says its ASCII form', async () => {
    // Cyrillic letters, which look like a name that is known.
    await ask('kernel', { webhook: 'https://\u0440\u0430\u0443pal.example/' });
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.text).toContain('webhook at xn--pal-5cd3fta.example');
  });

  test('cannot be confirmed after two days, or after it was stopped', async () => {
    const asked = new Date(Date.now() - 49 * HOUR_MS);
    await ask('kernel', { now: asked });
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(false);
    await ask('kernel');
    // The old link stays dead, and the new one is good once.
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(false);
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(true);
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(false);
    await changeAlert(1, { version: 1 }, { status: 'ended' });
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(false);
    // Whoever asks again for a stopped alert changes nothing of it, and revives no old link.
    await ask('kernel', { cadence: 'weekly', webhook: 'https://stranger.example/hook' });
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(false);
    expect(await confirmAlert({ id: 1, version: 3 })).toBe(false);
    const { rows } = await dbPool().query(
      'SELECT cadence, (SELECT count(*)::int FROM webhooks) AS webhooks FROM alerts WHERE id = 1',
    );
    expect(rows).toEqual([{ cadence: 'instant', webhooks: 0 }]);
    expect(await confirmAlert({ id: 1, version: 4 })).toBe(true);
    expect(await confirmAlert({ id: 1, version: 2 })).toBe(false);
  });

  test('is refused quietly for a suppressed address, and after too many mails within an hour', async () => {
    await dbPool().query(`INSERT INTO suppressions VALUES ('gone@example.org', 'bounced')`);
    expect(await ask('kernel', { email: 'gone@example.org' })).toBe('suppressed');
    const outcomes = [];
    for (let i = 0; i < 7; i++) outcomes.push(await ask(`kernel${i}`));
    expect(outcomes).toEqual([...Array(5).fill('mailed'), 'too-many', 'too-many']);
  });

  test('is asked of no address whose reader wants that never again, until they lift it', async () => {
    await ask('kernel');
    await deliverMail();
    const [mail] = await mailbox.list();
    const { id = 0 } = readToken('never', linkIn(mail, 'never').split('/').at(-1) ?? '') ?? {};
    expect(await setNeverAsked(id, true)).toBe(true);
    expect(await ask('roses')).toBe('suppressed');
    // Longer than wishes are kept: the link is good still.
    await pruneWishes(new Date(Date.now() + 30 * 24 * HOUR_MS));
    expect(await ask('roses')).toBe('suppressed');
    expect(await listSuppressions()).toMatchObject([
      { emailKey: 'reader@example.org', byReader: true, reason: expect.stringContaining('reader') },
    ]);
    expect(await setNeverAsked(id, false)).toBe(true);
    expect(await listSuppressions()).toEqual([]);
    expect(await ask('roses')).toBe('mailed');
  });

  test('is lifted for an address by whoever confirms one, and never what others have suppressed', async () => {
    await ask('kernel');
    await setNeverAsked(1, true);
    expect(await confirmAlert({ id: 1, version: 1 })).toBe(true);
    expect(await listSuppressions()).toEqual([]);
    await setNeverAsked(1, true);
    expect(await addSuppression('reader@example.org', 'bounced')).toBe(true);
    await setNeverAsked(1, false);
    expect(await listSuppressions()).toMatchObject([{ reason: 'bounced', byReader: false }]);
    await setNeverAsked(1, true);
    expect(await listSuppressions()).toMatchObject([{ reason: 'bounced', byReader: false }]);
  });

  test('is refused quietly after too many mails in a day that nobody has confirmed', async () => {
    const askAll = async (words: string, confirms = false) => {
      const outcomes = [];
      // Five an hour, for five hours.
      for (let n = 0; n < 25; n++) {
        const now = new Date(Date.now() - (5 - Math.floor(n / 5)) * 2 * HOUR_MS);
        outcomes.push(await ask(`${words}${n}`, { now }));
        const sql = `SELECT id, confirm_version AS version FROM alerts WHERE status = 'pending'`;
        if (confirms) await confirmAlert((await dbPool().query(sql)).rows[0], now);
      }
      return outcomes.filter((outcome) => outcome === 'mailed').length;
    };
    expect(await askAll('kernel')).toBe(15);
    await emptyTables(['subscribers']);
    expect(await askAll('compiler', true)).toBe(25);
    // Whoever has alerts is not to be troubled more by strangers than others are.
    await dbPool().query(`DELETE FROM deliveries`);
    expect(await askAll('linker')).toBe(15);
    await dbPool().query(`DELETE FROM deliveries`);
    expect(await askAll('compiler')).toBe(15);
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

test('a token is worth nothing for another purpose, version or alert', () => {
  const token = makeToken('confirm', { id: 7, version: 1 });
  expect(readToken('confirm', token)).toEqual({ id: 7, version: 1 });
  expect(readToken('unsubscribe', token)).toBeUndefined();
  expect(readToken('confirm', token.replace('7.', '8.'))).toBeUndefined();
  expect(readToken('confirm', token.replace('.1.', '.2.'))).toBeUndefined();
  expect(readToken('confirm', `0${token}`)).toBeUndefined();
  expect(readToken('confirm', token.slice(0, -1))).toBeUndefined();
});
