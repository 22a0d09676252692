import { beforeEach, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { dbPool } from '../../lib/db.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { claimFeed } from '../../lib/store/feed-claims.ts';
import { addFeeds } from '../../lib/store/feeds.ts';
import { endOutage, reportOutage } from '../../lib/store/outages.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { mailNotices, operatorAddress } from '../../workers/jobs/mail-notices.ts';
import { pollFeed } from '../../workers/jobs/poll-feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { useFeedServer } from '../support/feed-server.ts';
import { useMailbox } from '../support/mail.ts';

useDatabase();
const server = useFeedServer();
const mailbox = useMailbox();

beforeEach(async () => {
  provideSettings({ OPERATOR_CONTACT: 'ops@example.org' });
  await emptyTables(['feeds', 'notices', 'deliveries'], { isNumberedAnew: true });
});

describe('the operator’s mail', () => {
  const anHourLater = () =>
    dbPool().query(`UPDATE deliveries SET created_at = created_at - interval '1 hour'`);
  const deliver = async () => {
    await mailNotices();
    await deliverMail();
    return mailbox.list();
  };

  test('tells each notice once, and those of an hour together', async () => {
    await reportOutage('alpha', 5);
    const [first, ...others] = await deliver();
    expect(others).toEqual([]);
    expect(first?.subject).toBe('Tagwire: Network down');
    expect(first?.to).toMatchObject({ text: 'ops@example.org' });
    expect(first?.text).toMatch(/Look\s+at\s+DNS/u);
    expect((await listNotices())[0]?.mailedAt).not.toBeNull();
    await endOutage('alpha');
    await reportOutage('beta', 5);
    await endOutage('beta');
    await reportOutage('gamma', 5);
    expect(await deliver()).toHaveLength(1);
    await anHourLater();
    const mails = await deliver();
    expect(mails).toHaveLength(2);
    expect(mails[1]?.subject).toBe('Tagwire: Network down and 1 more');
    expect(mails[1]?.text).toMatch(/It is over:\s+hosts\s+answer/u);
    await anHourLater();
    expect(await deliver()).toHaveLength(2);
  });

  test('does not tell by two workers at once what is told once', async () => {
    await reportOutage('alpha', 5);
    await Promise.all([mailNotices(), mailNotices(), mailNotices()]);
    await deliverMail();
    expect(await mailbox.list()).toHaveLength(1);
  });

  test.each([
    ['ops@example.org', 'ops@example.org'],
    ['The operator <ops@example.org>', 'ops@example.org'],
    ['mailto:ops@example.org', 'ops@example.org'],
    ['https://example.org/contact', undefined],
    ['', undefined],
  ])('to %j goes to %s', async (contact, address) => {
    provideSettings({ OPERATOR_CONTACT: contact });
    expect(operatorAddress()).toBe(address);
    await reportOutage('alpha', 5);
    expect(await deliver()).toHaveLength(address === undefined ? 0 : 1);
  });

  test('waits where the operator cannot be mailed, and tells what is still so', async () => {
    provideSettings({ OPERATOR_CONTACT: '' });
    await reportOutage('alpha', 5);
    await endOutage('alpha');
    await dbPool().query(`UPDATE notices SET created_at = now() - interval '2 days'`);
    await reportOutage('beta', 7);
    expect(await deliver()).toEqual([]);
    provideSettings({ OPERATOR_CONTACT: 'ops@example.org' });
    const [mail] = await deliver();
    expect(mail?.subject).toBe('Tagwire: Network down');
    expect(mail?.text).toMatch(/^7\s+different/mu);
    expect(mail?.text).not.toMatch(/^5\s+different/mu);
  });

  test('is dropped when there is nobody to mail any more, or nothing to tell', async () => {
    await reportOutage('alpha', 5);
    await mailNotices();
    provideSettings({ OPERATOR_CONTACT: '' });
    await deliverMail();
    expect((await dbPool().query('SELECT FROM deliveries')).rows).toEqual([]);
    provideSettings({ OPERATOR_CONTACT: 'ops@example.org' });
    await mailNotices();
    await dbPool().query('DELETE FROM notices');
    expect(await deliverMail()).toBe(1);
    expect(await mailbox.list()).toEqual([]);
  });

  test('of hostile feeds says nothing that a mail program takes for more than text', async () => {
    server.serve('/a', { status: 410 });
    const title = '<img src=x>\r\nBcc: all@example.org';
    const [added] = await addFeeds([{ url: server.at('/a'), title }]);
    for (let times = 0; times < 2; times++) {
      const feed = await claimFeed(added?.id ?? 0);
      if (feed) await pollFeed(feed);
      await dbPool().query(`UPDATE feeds SET gone_since = gone_since - interval '2 days'`);
    }
    const [mail] = await deliver();
    expect(mail?.subject).toBe('Tagwire: Feed gone');
    expect(mail?.html).toContain('&lt;img src=x&gt;');
    expect(mail?.html).not.toContain('<img');
    expect(mail?.bcc).toBeUndefined();
  });
});
