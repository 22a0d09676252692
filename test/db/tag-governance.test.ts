import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { findTag } from '../../lib/queries/tags.ts';
import { tagSlug } from '../../lib/model/tag.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { aliasTag, mergeTags, setTagHidden, splitAlias } from '../../lib/store/tag-governance.ts';
import { judgeTags } from '../../lib/store/tag-rules.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
let number = 0;
let feed: SavingFeed;
let other: SavingFeed;

async function newFeed(): Promise<SavingFeed> {
  number += 1;
  const id = await makeFeed(`Feed ${number}`);
  return { id, slug: `feed-${number}`, firstGoodAt: NOW, feedTags: [] };
}

beforeEach(async () => {
  await dbPool().query(
    'TRUNCATE feeds, tags, cache_events, tag_changes, tag_proposals RESTART IDENTITY CASCADE',
  );
  feed = await newFeed();
  other = await newFeed();
});

const save = (drafts: PostDraft[], into = feed) => savePosts(into, drafts, { now: NOW });

async function rows<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await dbPool().query<T>(sql, values)).rows;
}

/** Titles with the names of their tags that are shown, in their order. */
const tagged = async () =>
  Object.fromEntries(
    (
      await rows<{ title: string; names: string[] }>(
        `SELECT p.title, ARRAY(SELECT t.name FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
           WHERE pt.post_id = p.id AND NOT t.hidden ORDER BY pt.position, t.name) AS names
         FROM posts p ORDER BY p.title`,
      )
    ).map(({ title, names }) => [title, names]),
  );

/** What is copied, counted or derived agrees with the rows that it comes from. */
async function expectSound(): Promise<void> {
  const counted = `SELECT tag_id, date_trunc('month', sort_at AT TIME ZONE 'UTC')::date AS month,
                          count(*)::int AS posts FROM post_tags GROUP BY 1, 2`;
  expect(
    await rows(`(${counted} EXCEPT SELECT tag_id, month, posts FROM tag_months)
                UNION ALL (SELECT tag_id, month, posts FROM tag_months EXCEPT ${counted})`),
  ).toEqual([]);
  expect(
    await rows('SELECT id FROM posts WHERE words IS DISTINCT FROM post_words(posts)'),
  ).toEqual([]);
  expect(
    await rows(`SELECT pt.post_id FROM post_tags pt JOIN posts p ON p.id = pt.post_id
                WHERE pt.sort_at <> p.sort_at`),
  ).toEqual([]);
  expect(await rows('SELECT slug FROM tags JOIN tag_aliases USING (slug)')).toEqual([]);
  expect(await rows('SELECT post_id FROM post_retags')).toEqual([]);
}

const waiting = async () =>
  (await rows<{ title: string }>('SELECT title FROM posts WHERE indexed_at IS NULL ORDER BY title')).map(
    ({ title }) => title,
  );

describe('merging a tag into another', () => {
  test('gives all its posts the other one, in the better place, and redirects its address', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['Linux', 'Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev', 'Linux', 'Webdev'] }),
      makeDraft({ title: 'C', categories: ['Webdev', 'Linux'] }),
      makeDraft({ title: 'D', categories: ['Linux'] }),
    ]);
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    expect(await mergeTags('web dev', 'Webdev', 'one word')).toEqual({
      kind: 'done',
      change: 'merge',
      from: { slug: 'web-dev', name: 'Web Dev' },
      into: { slug: 'webdev', name: 'Webdev' },
      posts: 2,
    });
    expect(await retagPosts()).toBe(2);
    expect(await tagged()).toEqual({
      A: ['Linux', 'Webdev'],
      B: ['Webdev', 'Linux'],
      C: ['Webdev', 'Linux'],
      D: ['Linux'],
    });
    expect(await findTag('web-dev')).toEqual({ kind: 'alias', slug: 'webdev' });
    expect(await waiting()).toEqual(['A', 'B']);
    expect(await rows('SELECT slug FROM tags ORDER BY slug')).toEqual([
      { slug: 'linux' },
      { slug: 'webdev' },
    ]);
    await expectSound();
    expect(
      await rows('SELECT kind, from_name, into_name, posts, by, reason FROM tag_changes'),
    ).toEqual([
      {
        kind: 'merge',
        from_name: 'Web Dev',
        into_name: 'Webdev',
        posts: 2,
        by: 'operator',
        reason: 'one word',
      },
    ]);
  });

  test('makes all pages stale at once, and each post’s again when it has followed', async () => {
    const [id] = (await save([makeDraft({ title: 'A', categories: ['Web Dev'] })])).inserted;
    await save([makeDraft({ title: 'B', categories: ['Webdev'] })]);
    const [before] = await rows<{ id: string }>('SELECT max(id) AS id FROM cache_events');
    await mergeTags('Web Dev', 'Webdev', null);
    await retagPosts();
    const events = await rows<{ tags: string[] }>(
      'SELECT tags FROM cache_events WHERE id > $1 ORDER BY id',
      [before?.id],
    );
    expect(events.some(({ tags }) => tags.includes('everything'))).toBe(true);
    expect(events.at(-1)?.tags).toEqual(
      expect.arrayContaining(['latest', 'tag:webdev', `source:${feed.slug}`, `post:${id}`]),
    );
  });

  test('leads aliases of it to the other, never in a circle or over two corners', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['One'] }),
      makeDraft({ title: 'B', categories: ['Two'] }),
      makeDraft({ title: 'C', categories: ['Three'] }),
    ]);
    await aliasTag('Uno', 'One', null);
    await mergeTags('One', 'Two', null);
    await mergeTags('Two', 'Three', null);
    await retagPosts();
    for (const slug of ['uno', 'one', 'two']) {
      expect(await findTag(slug)).toEqual({ kind: 'alias', slug: 'three' });
    }
    for (const name of ['One', 'Uno', 'Two', 'three']) {
      expect(await mergeTags('Three', name, null)).toMatchObject({ kind: 'refused', why: 'same' });
    }
    expect(await mergeTags('One', 'Two', null)).toMatchObject({ kind: 'refused', why: 'same' });
    expect(await tagged()).toEqual({ A: ['Three'], B: ['Three'], C: ['Three'] });
    await expectSound();
  });

  test('into an alias means the tag that the alias means', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['K8s cluster'] }),
      makeDraft({ title: 'B', categories: ['Kubernetes'] }),
    ]);
    await aliasTag('k8s', 'Kubernetes', null);
    expect(await mergeTags('K8s cluster', 'K8s', null)).toMatchObject({
      into: { slug: 'kubernetes' },
    });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Kubernetes'], B: ['Kubernetes'] });
  });

  test('is refused where it cannot be meant', async () => {
    await save([makeDraft({ title: 'A', categories: ['One', 'Two', 'Uncategorized'] })]);
    expect(await mergeTags('Nothing', 'One', null)).toEqual({
      kind: 'unknown',
      name: 'Nothing',
      near: [],
    });
    expect(await mergeTags('One', 'Nothing', null)).toMatchObject({ kind: 'unknown' });
    expect(await mergeTags('One', 'Uncategorized', null)).toMatchObject({ why: 'into-hidden' });
    await aliasTag('Uno', 'One', null);
    expect(await mergeTags('Uno', 'Two', null)).toMatchObject({
      kind: 'refused',
      why: 'is-alias',
      into: { slug: 'one' },
    });
    expect(await rows(`SELECT FROM tag_changes WHERE by = 'operator'`)).toHaveLength(1);
  });

  test('posts that polls bring meanwhile lose nothing', async () => {
    await save([makeDraft({ title: 'Seed', categories: ['Into'] })]);
    let posts = 1;
    for (let round = 0; round < 12; round++) {
      const from = `From ${round}`;
      await save([makeDraft({ title: `First ${round}`, categories: [from] })]);
      const drafts = (name: string) =>
        [1, 2, 3].map((n) =>
          makeDraft({ title: `${name} ${round} ${n}`, categories: [from, `Of ${round}`] }),
        );
      const merged = mergeTags(from, 'Into', null).then(() => retagPosts());
      await Promise.all([
        save(drafts('One')),
        merged,
        save(drafts('Two'), other),
        merged.then(() => save(drafts('Three'))),
      ]);
      posts += 10;
    }
    await retagPosts();
    const [into] = await rows<{ posts: number }>(
      `SELECT count(*)::int AS posts FROM post_tags pt JOIN tags t ON t.id = pt.tag_id
       WHERE t.slug = 'into'`,
    );
    expect(into).toEqual({ posts });
    expect(await rows(`SELECT slug FROM tags WHERE slug LIKE 'from%'`)).toEqual([]);
    await expectSound();
  });

  test('a tag that a poll made in the moment in which its name became an alias follows', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['Kubernetes'] }),
      makeDraft({ title: 'B', categories: ['K8s'] }),
    ]);
    await dbPool().query(
      `INSERT INTO tag_aliases (slug, tag_id) SELECT 'k8s', id FROM tags WHERE slug = 'kubernetes'`,
    );
    expect(await findTag('k8s')).toEqual({ kind: 'alias', slug: 'kubernetes' });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Kubernetes'], B: ['Kubernetes'] });
    await expectSound();
  });
});

describe('an alias', () => {
  test('makes a name mean a tag before anybody uses it', async () => {
    await save([makeDraft({ title: 'A', categories: ['Kubernetes'] })]);
    expect(await aliasTag('K8s', 'kubernetes', null)).toMatchObject({ kind: 'done' });
    await save([makeDraft({ title: 'B', categories: ['k8s'] })]);
    expect(await tagged()).toEqual({ A: ['Kubernetes'], B: ['Kubernetes'] });
  });

  test('is no way to lose a tag’s posts', async () => {
    await save([makeDraft({ title: 'A', categories: ['Kubernetes', 'K8s'] })]);
    expect(await aliasTag('K8s', 'Kubernetes', null)).toMatchObject({ why: 'has-posts' });
    expect(await tagged()).toEqual({ A: ['Kubernetes', 'K8s'] });
  });

  test('takes the name of a tag that has no posts any more', async () => {
    await save([makeDraft({ title: 'A', guid: 'a', categories: ['K8s'] })]);
    await save([makeDraft({ title: 'A', guid: 'a', categories: ['Kubernetes'] })]);
    expect(await aliasTag('K8s', 'Kubernetes', null)).toMatchObject({ kind: 'done' });
    expect(await findTag('k8s')).toEqual({ kind: 'alias', slug: 'kubernetes' });
  });

  test('of another tag has to be split first', async () => {
    await save([makeDraft({ title: 'A', categories: ['Kubernetes', 'Kube'] })]);
    await aliasTag('K8s', 'Kubernetes', null);
    expect(await aliasTag('k8s', 'Kube', null)).toMatchObject({
      why: 'is-alias',
      into: { slug: 'kubernetes' },
    });
    expect(await aliasTag('k8s', 'Kubernetes', null)).toMatchObject({ why: 'same' });
  });
});

describe('splitting', () => {
  test('undoes a merge: posts bear what their feeds say', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['Linux', 'Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev', 'Webdev', 'Linux'] }),
      makeDraft({ title: 'C', categories: ['Webdev'] }),
    ]);
    await save(
      [makeDraft({ title: 'C', guid: 'theirs', categories: ['web-dev', 'Theirs'] })],
      other,
    );
    const before = await tagged();
    await mergeTags('Web Dev', 'Webdev', null);
    await retagPosts();
    expect(await tagged()).toMatchObject({ B: ['Webdev', 'Linux'], C: ['Webdev', 'Theirs'] });
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    expect(await splitAlias('web dev', 'not the same')).toMatchObject({
      kind: 'done',
      change: 'split',
      from: { slug: 'web-dev', name: 'Web Dev' },
      into: { slug: 'webdev' },
    });
    await retagPosts();
    expect(await tagged()).toEqual(before);
    expect(await waiting()).toEqual(['A', 'B', 'C']);
    expect(await findTag('web-dev')).toMatchObject({ kind: 'tag', name: 'Web Dev' });
    await expectSound();
  });

  test('leaves posts alone whose feeds never said the name', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['Webdev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev'] }),
    ]);
    await mergeTags('Web Dev', 'Webdev', null);
    await retagPosts();
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect(await waiting()).toEqual(['B']);
  });

  test('also comes to the end when the merge had not', async () => {
    await save([
      makeDraft({ title: 'A', categories: ['Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Webdev'] }),
    ]);
    const before = await tagged();
    await mergeTags('Web Dev', 'Webdev', null);
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect(await tagged()).toEqual(before);
    await expectSound();
  });

  test('of what is no alias is refused', async () => {
    await save([makeDraft({ title: 'A', categories: ['Webdev'] })]);
    expect(await splitAlias('webdev', null)).toMatchObject({ why: 'no-alias' });
    expect(await splitAlias('nothing', null)).toMatchObject({ kind: 'unknown' });
  });

  test('keeps the operator’s own tags, and the order of several sources', async () => {
    await dbPool().query(`UPDATE feeds SET feed_tags = '{Planet}' WHERE id = $1`, [feed.id]);
    feed = { ...feed, feedTags: ['Planet'] };
    await save([makeDraft({ title: 'A', categories: ['Web Dev', 'CSS'] })]);
    await save([makeDraft({ title: 'A', guid: 'b', categories: ['Zebra', 'CSS', 'Ape'] })], other);
    const before = await tagged();
    expect(before).toEqual({ A: ['Web Dev', 'CSS', 'Planet', 'Zebra', 'Ape'] });
    await save([makeDraft({ title: 'B', categories: ['Webdev'] })]);
    await mergeTags('Web Dev', 'Webdev', null);
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect((await tagged()).A).toEqual(before.A);
  });
});

describe('a hidden tag', () => {
  test('stands nowhere, until it is shown again; its posts stay', async () => {
    await save([makeDraft({ title: 'A', categories: ['Linux', 'Ramblings'] })]);
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    expect(await setTagHidden('ramblings', true, 'says nothing')).toMatchObject({
      kind: 'done',
      change: 'hide',
      posts: 1,
    });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Linux'] });
    expect(await findTag('ramblings')).toBeUndefined();
    expect(await waiting()).toEqual(['A']);
    const met = `SELECT title FROM posts WHERE words @@ to_tsquery('tagwire', 'ramblings')`;
    expect(await rows(met)).toEqual([]);
    await expectSound();
    await save([makeDraft({ title: 'B', categories: ['Ramblings'] })]);
    expect(await rows(met)).toEqual([]);
    expect(await setTagHidden('ramblings', true, null)).toMatchObject({ why: 'is-so' });
    expect(await setTagHidden('ramblings', false, null)).toMatchObject({ change: 'show' });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Linux', 'Ramblings'], B: ['Ramblings'] });
    expect(await rows(met)).toHaveLength(2);
    await expectSound();
  });

  test('is named by its own name, not by an alias', async () => {
    await save([makeDraft({ title: 'A', categories: ['Kubernetes'] })]);
    await aliasTag('k8s', 'Kubernetes', null);
    expect(await setTagHidden('k8s', true, null)).toMatchObject({ why: 'is-alias' });
    expect(await setTagHidden('nothing', true, null)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a new tag whose name says nothing', () => {
  test('is hidden by rule, and the log has it once', async () => {
    const categories = ['Uncategorized', '2018-06', 'Linux'];
    await save([1, 2, 3].map((n) => makeDraft({ title: `P ${n}`, categories })));
    await save([makeDraft({ title: 'Q', categories })], other);
    expect(await tagged()).toMatchObject({ 'P 1': ['Linux'], Q: ['Linux'] });
    expect(await rows('SELECT kind, from_name, by, reason FROM tag_changes ORDER BY id')).toEqual([
      { kind: 'hide', from_name: '2018-06', by: 'rule', reason: 'a date' },
      { kind: 'hide', from_name: 'Uncategorized', by: 'rule', reason: 'no category' },
    ]);
    await setTagHidden('uncategorized', false, null);
    await save([makeDraft({ title: 'R', categories })]);
    await retagPosts();
    expect(await tagged()).toMatchObject({ R: ['Uncategorized', 'Linux'] });
    await expectSound();
  });
});

describe('tags that are older than the rule', () => {
  const insert = (name: string, hidden: boolean, judgedBy: string | null) =>
    dbPool().query(
      `INSERT INTO tags (slug, name, hidden, judged_by) VALUES ($1, $2, $3, $4::"TagActor")`,
      [tagSlug(name), name, hidden, judgedBy],
    );
  const hidden = async () =>
    (await rows<{ name: string }>('SELECT name FROM tags WHERE hidden ORDER BY name')).map(
      ({ name }) => name,
    );

  test('are hidden by it once, unless the operator decided; their posts follow', async () => {
    await insert('2019', false, null);
    await insert('2020', false, 'operator');
    await insert('Rant', true, null);
    await insert('Old junk', true, 'rule');
    await dbPool().query(`INSERT INTO posts (feed_id, canonical_url, url, title, body_html,
        body_text, summary_text, word_count, content_hash, sort_at, indexed_at)
      VALUES ($1, 'u', 'u', 'A', '', '', '', 0, '', now(), now())`, [feed.id]);
    await dbPool().query(`INSERT INTO post_tags (post_id, tag_id, sort_at)
      SELECT p.id, t.id, p.sort_at FROM posts p, tags t`);
    await dbPool().query('UPDATE posts SET words = post_words(posts)');
    const [one, two] = await Promise.all([judgeTags(), judgeTags()]);
    expect((one ?? 0) + (two ?? 0)).toBe(2);
    expect(await hidden()).toEqual(['2019', 'Rant']);
    expect(
      await rows('SELECT kind, from_name, posts, by, reason FROM tag_changes ORDER BY from_name'),
    ).toEqual([
      { kind: 'hide', from_name: '2019', posts: 1, by: 'rule', reason: 'a date' },
      { kind: 'show', from_name: 'Old junk', posts: 1, by: 'rule', reason: null },
    ]);
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['2020', 'Old junk'] });
    await expectSound();
    expect(await judgeTags()).toBe(0);
  });

  test('the operator can show what it hid, and it stays shown', async () => {
    await insert('2019', false, null);
    await judgeTags();
    await setTagHidden('2019', false, 'a vintage');
    expect(await judgeTags()).toBe(0);
    expect(await hidden()).toEqual([]);
  });
});
