import { describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const { watch, publish, matches } = useWatchers();

describe('an alert with a policy', () => {
  const POLICY =
    '{"tag": ["linux"], "words": [{"numeric": [">=", 5]}], "author": [{"prefix": "Ada"}]}';

  test('is met by posts that meet both its words and its policy', async () => {
    await watch('kernel', { policy: POLICY });
    const ada = [{ name: 'Ada Example' }];
    const whole = { categories: ['Linux'], authors: ada, bodyText: 'Of the kernel, at length.' };
    await publish(
      { ...whole, title: 'All of it' },
      { ...whole, title: 'No such tag', categories: ['BSD'] },
      { ...whole, title: 'Too short', bodyText: 'A kernel.' },
      { ...whole, title: 'Nobody’s', authors: [] },
      { ...whole, title: 'Other words', bodyText: 'Of something else, at length.' },
    );
    await matchAlerts();
    expect(await matches()).toEqual(['All of it']);
    const { rows } = await dbPool().query('SELECT anchors FROM alerts');
    expect(rows[0].anchors).toHaveLength(1);
    await deliverMail();
    const [mail] = await mailbox.list();
    expect(mail?.subject).toContain('kernel');
  });

  test('needs no words, and stands beside others of the same words', async () => {
    await watch('', {
      policy: '{"source": [{"anything-but": ["elsewhere"]}], "enclosure": [{"exists": false}]}',
    });
    await watch('', { policy: '{"tag": ["linux"]}' });
    await watch('kernel');
    await watch('kernel', { policy: POLICY });
    const { rows } = await dbPool().query('SELECT count(*)::int AS alerts FROM alerts');
    expect(rows[0].alerts).toBe(4);
    await publish({ title: 'One', categories: ['Linux'] }, { title: 'Two' });
    await matchAlerts();
    expect(await matches()).toEqual(['One', 'One', 'Two']);
    await deliverMail();
    const subjects = (await mailbox.list()).map((mail) => mail.subject);
    expect(subjects).toContain('Posts tagged “linux”: One');
  });
});
