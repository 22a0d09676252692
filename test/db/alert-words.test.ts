import { expect, test } from 'vitest';
import { readAlertWords } from '../../lib/alerts/alert-wish.ts';
import { makeToken } from '../../lib/alerts/tokens.ts';
import { dbPool } from '../../lib/db.ts';
import { openHistory } from '../../lib/queries/alert-history.ts';
import { changeAlertWords, pruneAlertWords } from '../../lib/store/alert-words.ts';
import { changeAlert, deleteAlert } from '../../lib/store/alerts.ts';
import { setTellsChanges } from '../../lib/store/post-changes.ts';
import { buildDigests } from '../../workers/jobs/build-digests.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { tellChanges } from '../../workers/jobs/tell-changes.ts';
import { tellQuiet } from '../../workers/jobs/tell-quiet.ts';
import { useDatabase } from '../support/database.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const watchers = useWatchers();
const { ask, watch, publish, matches } = watchers;

/** The new words of the alert of the first subscriber. */
function change(id: number, query: string, policyText = '') {
  const words = readAlertWords(query, policyText);
  if (words.kind === 'invalid') throw new Error(words.message);
  const policy = words.policy?.text ?? null;
  return changeAlertWords(id, 1, { query, policy, queryKey: words.queryKey, tree: words.tree });
}

const knownWords = async () => {
  const { rows } = await dbPool().query<{ word: string }>(
    'SELECT DISTINCT word FROM alert_words ORDER BY word',
  );
  return rows.map(({ word }) => word);
};

const aWeekLater = () => dbPool().query('UPDATE alert_words SET noted_on = noted_on - 7');

test('an alert with other words meets posts by these, in all their forms, and no more by the old', async () => {
  const id = await watch('kernel');
  expect(await change(id, 'running -windows')).toBe('changed');
  await publish(
    { title: 'Kernel', url: 'https://example.org/1' },
    { title: 'A run in the park', url: 'https://example.org/2', language: 'en' },
    { title: 'Run on Windows', url: 'https://example.org/3' },
  );
  await matchAlerts();
  expect(await matches()).toEqual(['A run in the park']);
});

test('what the old words had met and no digest has told is told all the same', async () => {
  const id = await watch('kernel', { cadence: 'daily', now: new Date(Date.now() - 86_400_000) });
  await publish({ title: 'Kernel' });
  await matchAlerts();
  await change(id, 'compiler');
  await buildDigests(new Date(Date.now() + 86_400_000));
  await dbPool().query(`UPDATE deliveries SET next_attempt_at = now() - interval '1 second'`);
  await deliverMail();
  expect((await mailbox.list()).map(({ subject }) => subject)).toEqual(['compiler: Kernel']);
});

test('an alert gets and loses a filter policy', async () => {
  const id = await watch('kernel');
  expect(await change(id, 'kernel', '{"tag": ["news"]}')).toBe('changed');
  await publish(
    { title: 'Kernel', url: 'https://example.org/1' },
    { title: 'Kernel of news', url: 'https://example.org/2', categories: ['news'] },
  );
  await matchAlerts();
  expect(await matches()).toEqual(['Kernel of news']);
  expect(await change(id, 'kernel')).toBe('changed');
  await publish({ title: 'Kernel without', url: 'https://example.org/3' });
  await matchAlerts();
  expect(await matches()).toEqual(['Kernel of news', 'Kernel without']);
});

test('the history says of each mail what its alert was called then', async () => {
  const id = await watch('kernel');
  await setTellsChanges(id, 1, true);
  await publish({ title: 'Kernel' });
  await matchAlerts();
  await deliverMail();
  await change(id, 'compiler');
  await publish({ title: 'Compiler', url: 'https://example.org/2', guid: '2' });
  await matchAlerts();
  await deliverMail();
  await publish({ title: 'Compiler, again', url: 'https://example.org/2', guid: '2' });
  await tellChanges(new Date(Date.now() + 3_600_000));
  await tellQuiet(new Date(Date.now() + 40 * 86_400_000));
  const history = await openHistory(makeToken('manage', { id: 1, version: 1 }));
  expect(
    history?.mails.map(({ kind, query, titles }) => [
      kind,
      query,
      titles.map(({ title }) => title),
    ]),
  ).toEqual([
    ['quiet', 'compiler', []],
    ['changes', 'compiler', ['Compiler, again']],
    ['instant', 'compiler', ['Compiler, again']],
    ['instant', 'kernel', ['Kernel']],
  ]);
});

test('what was seen before the change is compared with the words of then', async () => {
  const id = await watch('kernel');
  await publish(
    { title: 'Kernel', url: 'https://example.org/1' },
    { title: 'Compiler', url: 'https://example.org/2' },
  );
  await change(id, 'compiler');
  await matchAlerts();
  expect(await matches()).toEqual(['Kernel']);
});

test('words of many alerts are looked through in little time', async () => {
  await watch('memex');
  await dbPool().query(
    `INSERT INTO alerts (subscriber_id, query, query_key, tsquery, status, confirmed_at)
     SELECT 1, w, w, w::tsquery, 'active', now()
     FROM generate_series(1, 5000) AS n, format('word%s', n) AS w`,
  );
  await aWeekLater();
  await dbPool().query(`UPDATE alerts SET status = 'ended' WHERE query = 'word7'`);
  expect(await pruneAlertWords()).toBeGreaterThan(10);
  expect(await knownWords()).toHaveLength(5000);
});

test('words that another alert has, no words, and an alert of somebody else change nothing', async () => {
  const id = await watch('kernel');
  await watch('compiler');
  expect(await change(id, 'compiler')).toBe('known');
  expect(await change(id, '² -compiler')).toBe('no-word');
  await watch('gardens', { email: 'two@example.org' });
  expect(await change(3, 'roses')).toBe('gone');
  const { rows } = await dbPool().query('SELECT query FROM alerts ORDER BY id');
  expect(rows.map(({ query }) => query)).toEqual(['kernel', 'compiler', 'gardens']);
});

test('words are known when their alert is in force, and go when none has them', async () => {
  await dbPool().query('DELETE FROM alert_words');
  await ask('zettelkasten');
  expect(await knownWords()).toEqual([]);
  const id = await watch('memex');
  expect(await knownWords()).toEqual(['memex', 'zettelkasten']);
  expect(await pruneAlertWords()).toBe(0);
  await aWeekLater();
  expect(await pruneAlertWords()).toBe(0);
  await deleteAlert(2, 1);
  await deleteAlert(id, 1);
  await watch('memex');
  expect(await pruneAlertWords()).toBeGreaterThan(10);
  expect(await knownWords()).toEqual(['memex']);
});

test('an alert that is paused for long has its words again when it goes on', async () => {
  const id = await watch('running');
  await changeAlert(id, { version: 1 }, { status: 'paused' });
  await aWeekLater();
  await pruneAlertWords();
  expect(await knownWords()).not.toContain('running');
  await changeAlert(id, { version: 1 }, { status: 'active' });
  await publish({ title: 'A run in the park', language: 'en' });
  await matchAlerts();
  expect(await matches()).toEqual(['A run in the park']);
});
