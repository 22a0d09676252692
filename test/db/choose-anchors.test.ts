import { expect, test } from 'vitest';
import { readAlertWords } from '../../lib/alerts/alert-wish.ts';
import { dbPool } from '../../lib/db.ts';
import { resolveSources } from '../../lib/queries/query-fields.ts';
import { changeAlertWords } from '../../lib/store/alert-words.ts';
import { chooseAnchors } from '../../workers/jobs/choose-anchors.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const { watch, publish, matches } = useWatchers();

const anchorsOf = async (id: number) => {
  const { rows } = await dbPool().query<{ lexeme: string }>(
    'SELECT lexeme FROM alert_anchors WHERE alert_id = $1 ORDER BY lexeme',
    [id],
  );
  return rows.map(({ lexeme }) => lexeme);
};

/** Makes a word common, and has Postgres count it. */
async function publishMany(word: string): Promise<void> {
  await publish(
    ...Array.from({ length: 60 }, (_, n) => ({
      title: `${word} ${n}`,
      url: `https://example.org/many/${n}`,
    })),
  );
  await dbPool().query('ANALYZE posts');
}

test('an alert whose anchor has become common is anchored on a rarer word, and meets the same', async () => {
  await dbPool().query('ANALYZE posts');
  const id = await watch('aardvark gardens');
  expect(await anchorsOf(id)).toEqual(['aardvark']);
  await publishMany('Aardvark');
  expect(await chooseAnchors()).toBe(1);
  expect(await anchorsOf(id)).toEqual(['gardens']);
  expect(await chooseAnchors()).toBe(0);
  await publish(
    { title: 'Gardens of an aardvark', url: 'https://example.org/1' },
    { title: 'Gardens', url: 'https://example.org/2' },
  );
  await matchAlerts();
  expect(await matches()).toEqual(['Gardens of an aardvark']);
});

test('an alert of one word, one of common words alone, and one that is ended stay as they are', async () => {
  await dbPool().query('ANALYZE posts');
  const one = await watch('aardvark');
  const choice = await watch('aardvark OR gardens');
  const ended = await watch('aardvark roses');
  await dbPool().query(`UPDATE alerts SET status = 'ended' WHERE id = $1`, [ended]);
  await publishMany('Aardvark');
  expect(await chooseAnchors()).toBe(0);
  expect(await anchorsOf(one)).toEqual(['aardvark']);
  expect(await anchorsOf(choice)).toEqual(['aardvark', 'gardens']);
});

test('one of two sources of a name that has another name since changes nothing', async () => {
  await dbPool().query('ANALYZE posts');
  await dbPool().query(
    `INSERT INTO feeds (url, slug, title) VALUES ('https://b.example/', 'other', 'News')`,
  );
  await dbPool().query(`UPDATE feeds SET title = 'News'`);
  const words = readAlertWords('aardvark source:News', '');
  if (words.kind === 'invalid') throw new Error(words.message);
  const id = await watch('aardvark');
  const tree = await resolveSources(words.tree);
  const { query, queryKey } = { query: 'aardvark source:News', queryKey: words.queryKey };
  await changeAlertWords(id, 1, { query, policy: null, queryKey, tree });
  await dbPool().query(`UPDATE alerts SET anchors = '{aardvark}' WHERE id = $1`, [id]);
  await dbPool().query(`UPDATE feeds SET title = 'Renamed' WHERE slug <> 'other'`);
  await publishMany('Aardvark');
  expect(await chooseAnchors()).toBe(0);
  expect(await anchorsOf(id)).toEqual(['aardvark']);
});

test('a source that has another name since is no anchor', async () => {
  await dbPool().query('ANALYZE posts');
  await dbPool().query(`UPDATE feeds SET title = 'News', slug = 'news'`);
  const words = readAlertWords('aardvark source:News', '');
  if (words.kind === 'invalid') throw new Error(words.message);
  const id = await watch('aardvark');
  const tree = await resolveSources(words.tree);
  const named = { query: 'aardvark source:News', queryKey: words.queryKey };
  await changeAlertWords(id, 1, { ...named, policy: null, tree });
  await dbPool().query(`UPDATE alerts SET anchors = '{aardvark}' WHERE id = $1`, [id]);
  await dbPool().query(`UPDATE feeds SET title = 'Of another name'`);
  await publishMany('Aardvark');
  expect(await chooseAnchors()).toBe(0);
  expect(await anchorsOf(id)).toEqual(['aardvark']);
});
