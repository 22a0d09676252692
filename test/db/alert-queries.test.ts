import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import type { QueryTree } from '../../lib/model/query/tree.ts';
import { previewAlert } from '../../lib/queries/alert-preview.ts';
import { changeAlert, deleteSubscriber } from '../../lib/store/alerts.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';
import { useWatchers } from '../support/watchers.ts';

// What the language of alerts finds; what becomes of an alert is in alerts.test.ts.

useDatabase();
const watchers = useWatchers();
const { ask, watch, publish, matches } = watchers;

/** Titles of the posts that an alert for this is told of. */
async function found(query: string): Promise<string[]> {
  await emptyTables(['subscribers']);
  await watch(query);
  await dbPool().query(`UPDATE posts SET matched_at = NULL, created_at = now()`);
  await matchAlerts();
  return matches();
}

describe('an alert', () => {
  test('finds tags, sources, authors, titles and languages by fields', async () => {
    await publish(
      { title: 'One kernel', categories: ['Linux', 'C++'], language: 'en-us' },
      { title: 'Two', bodyText: 'A kernel, tag:linux.', authors: [{ name: 'Jéff Barr' }] },
      { title: 'Three barr', categories: ['Kernel Week'], language: 'de' },
    );
    const other = await makeFeed('Link.Blog');
    const joined = makeDraft({ title: 'Two', bodyText: 'A kernel, tag:linux.' });
    await savePosts({ ...watchers.feed, id: other, slug: 'link-blog' }, [joined], {
      now: new Date(),
    });
    await dbPool().query(`INSERT INTO tag_aliases (slug, tag_id, name)
                          SELECT 'gnu', id, 'GNU' FROM tags WHERE slug = 'linux'`);
    expect(await found('tag:Linux')).toEqual(['One kernel']);
    expect(await found('tag:c++ -kernel')).toEqual([]);
    expect(await found('kernel -tag:linux')).toEqual(['Two', 'Three barr']);
    expect(await found('tag:gnu')).toEqual(['One kernel']);
    const preview = await previewAlert(
      { kind: 'field', name: 'tag', text: 'gnu', isPrefix: false },
      new Date('2026-05-20T00:00:00Z'),
    );
    expect(preview).toMatchObject({ preview: { posts: 1, latest: [{ tags: ['Linux'] }] } });
    expect(await found('tag:kern* OR tag:linux')).toEqual(['One kernel', 'Three barr']);
    expect(await found('title:kernel')).toEqual(['One kernel']);
    expect(await found('title:"one kernel"')).toEqual(['One kernel']);
    expect(await found('title:kern*')).toEqual(['One kernel']);
    expect(await found('author:barr')).toEqual(['Two']);
    expect(await found('author:"jeff barr" -lang:de')).toEqual(['Two']);
    expect(await found('lang:en OR lang:de')).toEqual(['One kernel', 'Three barr']);
    expect(await found('lang:en-us')).toEqual(['One kernel']);
    expect(await found('source:link-blog')).toEqual(['Two']);
    expect(await found('=kernel tag:linux')).toEqual(['One kernel']);
  });

  test('finds other forms of a word, by the language of the post, and not of an exact one', async () => {
    await publish(
      { title: 'One', bodyText: 'She runs two databases. It’s news.', language: 'en-gb' },
      { title: 'Two', bodyText: 'Die Datenbanken laufen.', language: 'de' },
      { title: 'Three', bodyText: 'Two databases.', language: null },
      { title: 'Four', bodyText: 'Running a new database.', language: 'en' },
    );
    expect(await found('database')).toEqual(['One', 'Four']);
    const shown = async (query: string) => {
      const parsed = parseQuery(query);
      if (parsed.kind === 'invalid') throw new Error(parsed.message);
      const outcome = await previewAlert(parsed.tree, new Date('2026-05-20T00:00:00Z'));
      if (outcome.kind !== 'preview') throw new Error(outcome.kind);
      expect(outcome.preview.days).toBe(90);
      return outcome.preview.latest
        .map(({ title }) => title.map(({ text }) => text).join(''))
        .reverse();
    };
    const queries = ['laufen', 'running -=database', 'databases (runs OR -x)', '=database', 'news'];
    for (const query of [
      ...queries,
      '"two databases" -run',
      'runs lang:en',
      'go*',
      'datenbank OR go',
    ]) {
      expect([query, await shown(query)]).toEqual([query, await found(query)]);
    }
    expect(await found('running')).toEqual(['One', 'Four']);
    expect(await found('datenbank')).toEqual(['Two']);
    expect(await found('news')).toEqual(['One']);
    expect(await found('=database')).toEqual(['Four']);
    expect(await found('=databases')).toEqual(['One', 'Three']);
    expect(await found('databases -running')).toEqual(['Three']);
    expect(await found('databases -=running')).toEqual(['One', 'Three']);
    expect(await found('"running a"')).toEqual(['Four']);
    expect(await found('"two database"')).toEqual([]);
    expect(await found('title:databases OR title:ones')).toEqual([]);
    expect(await found('(database OR nothing) (run OR laufen)')).toEqual(['One', 'Four']);
  });
});

/** Whether a query is met, word by word: what anchors, lexemes and other forms must come to. */
function isMet(tree: QueryTree, post: { title: string; text: string; tags: string[] }): boolean {
  const words = (text: string) => text.toLowerCase().split(' ');
  const all = [...words(post.title), ...words(post.text), ...post.tags];
  switch (tree.kind) {
    case 'word':
      return all.some((word) => word.replace(/s$/u, '') === tree.text.replace(/s$/u, ''));
    case 'exact':
      return all.includes(tree.text);
    case 'prefix':
      return all.some((word) => word.startsWith(tree.text));
    case 'phrase':
      return ` ${words(post.text).join(' ')} `.includes(` ${tree.text} `);
    case 'field':
      return (tree.name === 'title' ? words(post.title) : post.tags).includes(tree.text);
    case 'and':
      return tree.parts.every((part) => isMet(part, post));
    case 'or':
      return tree.parts.some((part) => isMet(part, post));
    case 'not':
      return !isMet(tree.part, post);
    default:
      throw new Error(tree.kind);
  }
}

test('any query is met by the posts that it means, however they are found', async () => {
  const posts = [
    { title: 'dogs', text: 'cat birds', tags: ['fish'] },
    { title: 'cat', text: 'dog dogs bird', tags: ['frog', 'cow'] },
    { title: 'cow', text: 'frogs cat dog', tags: [] },
    { title: 'nothing', text: 'birds cow', tags: ['cat'] },
  ];
  await publish(
    ...posts.map(({ title, text, tags }) => ({
      title,
      bodyText: text,
      categories: tags,
      language: 'en',
    })),
  );
  const names = fc.constantFrom(
    'dog',
    'dogs',
    'cat',
    'cats',
    'bird',
    'birds',
    'frog',
    'cow',
    'fish',
  );
  const leaf = fc
    .tuple(fc.constantFrom('', '', '=', 'tag:', 'title:', '"cat ', '*'), names)
    .map(([sign, name]) => {
      if (sign === '*') return `${name.slice(0, 2)}*`;
      return sign.startsWith('"') ? `${sign}${name}"` : `${sign}${name}`;
    });
  const { query } = fc.letrec((tie) => ({
    query: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) (${b})`),
      fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) OR (${b})`),
      fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) -(${b})`),
    ),
  }));
  const trees = new Map<string, QueryTree>();
  for (const text of fc.sample(query as fc.Arbitrary<string>, 150)) {
    const parsed = parseQuery(text);
    if (parsed.kind !== 'query' || trees.has(parsed.key)) continue;
    trees.set(parsed.key, parsed.tree);
    await ask(parsed.key, { email: `reader${trees.size}@example.org` });
  }
  await dbPool().query(`UPDATE subscribers SET status = 'confirmed', confirmed_at = now();
    UPDATE alerts SET status = 'active', confirmed_at = now();
    UPDATE posts SET matched_at = NULL, created_at = now()`);
  await matchAlerts();
  const { rows } = await dbPool().query<{ query: string; titles: string[] }>(
    `SELECT a.query, array_remove(array_agg(p.title ORDER BY p.title), NULL) AS titles FROM alerts a
     LEFT JOIN alert_matches m ON m.alert_id = a.id LEFT JOIN posts p ON p.id = m.post_id
     GROUP BY a.query ORDER BY a.query`,
  );
  const meant = [...trees].map(([key, tree]) => ({
    query: key,
    titles: posts
      .filter((post) => isMet(tree, post))
      .map((post) => post.title)
      .sort(),
  }));
  const byQuery = (a: { query: string }, b: { query: string }) => (a.query < b.query ? -1 : 1);
  expect(rows.sort(byQuery)).toEqual(meant.sort(byQuery));
  // Nothing that an anchor hides would be met.
  const scanned = await dbPool().query(
    `SELECT count(*)::int AS pairs FROM alerts a, posts p
     WHERE p.words || other_words(p.words, p.language) @@ a.tsquery`,
  );
  expect(scanned.rows[0].pairs).toBe(rows.flatMap(({ titles }) => titles).length);
});

describe('what matching reads of alerts', () => {
  /** Queries at their anchors; empty where the alert itself is asked. */
  async function anchors(): Promise<string[]> {
    const { rows } = await dbPool().query<{ row: string }>(
      `SELECT lexeme || CASE WHEN asks THEN ' asks' ELSE '' END AS row FROM alert_anchors
       ORDER BY 1`,
    );
    return rows.map(({ row }) => row);
  }

  test('is there while they are in force, and no longer', async () => {
    await ask('kernel OR driver');
    expect(await anchors()).toEqual([]);
    const id = await watch('"rare kernel"', { email: 'other@example.org' });
    const both = ['driver', 'kernel', 'kernel'];
    expect(await anchors()).toEqual(both);
    const owned = (await dbPool().query('SELECT id, subscriber_id AS s FROM alerts ORDER BY id'))
      .rows;
    const owner = { subscriberId: owned[1].s };
    await changeAlert(owned[1].id, owner, { status: 'paused' });
    expect(await anchors()).toEqual(['driver', 'kernel']);
    await changeAlert(owned[1].id, owner, { cadence: 'daily' });
    expect(await anchors()).toEqual(['driver', 'kernel']);
    await changeAlert(owned[1].id, owner, { status: 'active' });
    expect(await anchors()).toEqual(both);
    await dbPool().query(`UPDATE subscribers SET status = 'suppressed' WHERE id = $1`, [
      owned[0].s,
    ]);
    expect(await anchors()).toEqual(['kernel']);
    expect(id).toBeGreaterThan(0);
    await deleteSubscriber(owned[1].s);
    expect(await anchors()).toEqual([]);
  });

  test('holds no long query and no policy, which are asked of the alert', async () => {
    const long = Array.from({ length: 29 }, (_, n) => `=wörter${n}`).join(' ');
    await watch(long);
    await watch('kernel', { policy: '{"tag": ["linux", "bsd"]}' });
    await watch('', { policy: '{"source": ["nowhere"]}', email: 'third@example.org' });
    await watch('begin* OR rare', { email: 'fourth@example.org' });
    expect(await anchors()).toEqual(['', 'kernel asks', 'worter10 asks', '¶source:nowhere asks']);
    await publish(
      { title: 'Long', bodyText: long.replaceAll('=', ' ') },
      { title: 'Short', bodyText: long.replaceAll('=', ' ').slice(0, 100) },
      { title: 'A kernel', categories: ['BSD'] },
      { title: 'Beginnings' },
    );
    await dbPool().query('UPDATE posts SET created_at = now()');
    await matchAlerts();
    expect(await matches()).toEqual(['Long', 'A kernel', 'Beginnings']);
  });
});
