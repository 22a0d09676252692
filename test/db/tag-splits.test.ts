import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { tagSlug } from '../../lib/model/tag.ts';
import { findTag } from '../../lib/queries/tags.ts';
import type { SavingFeed } from '../../lib/store/posts.ts';
import { aliasTag, mergeTags, setTagHidden, splitAlias } from '../../lib/store/tag-governance.ts';
import { judgeTags } from '../../lib/store/tag-rules.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft } from '../support/make.ts';
import { expectSound, rows, save, tagged, toIndex, twoFeeds } from '../support/tagged-posts.ts';

useDatabase();
let feed: SavingFeed;
let other: SavingFeed;
beforeEach(async () => {
  [feed, other] = await twoFeeds();
});

describe('splitting', () => {
  test('undoes a merge: posts bear what their feeds say', async () => {
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['Linux', 'Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev', 'Webdev', 'Linux'] }),
      makeDraft({ title: 'C', categories: ['Webdev'] }),
    );
    await save(other, makeDraft({ title: 'C', guid: 'theirs', categories: ['web-dev', 'Theirs'] }));
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
    expect(await toIndex()).toEqual(['A', 'B', 'C']);
    expect(await findTag('web-dev')).toMatchObject({ kind: 'tag', name: 'Web Dev' });
    await expectSound();
  });

  test('leaves posts alone whose feeds never said the name', async () => {
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['Webdev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev'] }),
    );
    await mergeTags('Web Dev', 'Webdev', null);
    await retagPosts();
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect(await toIndex()).toEqual(['B']);
  });

  test('also comes to the end when the merge had not', async () => {
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Webdev'] }),
    );
    const before = await tagged();
    await mergeTags('Web Dev', 'Webdev', null);
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect(await tagged()).toEqual(before);
    await expectSound();
  });

  test('makes tags by the rules of today: neither author nor source is one', async () => {
    const authors = [{ name: 'Ada Lovelace' }];
    const categories = ['Web Dev', 'ada lovelace', 'One'];
    await save(feed, makeDraft({ title: 'A', categories, authors }));
    await save(feed, makeDraft({ title: 'B', categories: ['Webdev'] }));
    await mergeTags('Web Dev', 'Webdev', null);
    await retagPosts();
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect(await tagged()).toMatchObject({ A: ['Web Dev'] });
  });

  test('of what is no alias is refused', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['Webdev'] }));
    expect(await splitAlias('webdev', null)).toMatchObject({ why: 'no-alias' });
    expect(await splitAlias('nothing', null)).toMatchObject({ kind: 'unknown' });
  });

  test('keeps the operator’s own tags, and the order of several sources', async () => {
    await dbPool().query(`UPDATE feeds SET feed_tags = '{Planet}' WHERE id = $1`, [feed.id]);
    feed = { ...feed, feedTags: ['Planet'] };
    await save(feed, makeDraft({ title: 'A', categories: ['Web Dev', 'CSS'] }));
    await save(other, makeDraft({ title: 'A', guid: 'b', categories: ['Zebra', 'CSS', 'Ape'] }));
    const before = await tagged();
    expect(before).toEqual({ A: ['Web Dev', 'CSS', 'Planet', 'Zebra', 'Ape'] });
    await save(feed, makeDraft({ title: 'B', categories: ['Webdev'] }));
    await mergeTags('Web Dev', 'Webdev', null);
    await splitAlias('Web Dev', null);
    await retagPosts();
    expect((await tagged()).A).toEqual(before.A);
  });
});

describe('a hidden tag', () => {
  test('stands nowhere, until it is shown again; its posts stay', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['Linux', 'Ramblings'] }));
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    expect(await setTagHidden('ramblings', true, 'says nothing')).toMatchObject({
      kind: 'done',
      change: 'hide',
      posts: 1,
    });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Linux'] });
    expect(await findTag('ramblings')).toBeUndefined();
    expect(await toIndex()).toEqual(['A']);
    const met = `SELECT title FROM posts WHERE words @@ to_tsquery('tagwire', 'ramblings')`;
    expect(await rows(met)).toEqual([]);
    await expectSound();
    await save(feed, makeDraft({ title: 'B', categories: ['Ramblings'] }));
    expect(await rows(met)).toEqual([]);
    expect(await setTagHidden('ramblings', true, null)).toMatchObject({ why: 'is-hidden' });
    expect(await setTagHidden('ramblings', false, null)).toMatchObject({ change: 'show' });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Linux', 'Ramblings'], B: ['Ramblings'] });
    expect(await rows(met)).toHaveLength(2);
    await expectSound();
  });

  test('is named by its own name, not by an alias', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['Kubernetes'] }));
    await aliasTag('k8s', 'Kubernetes', null);
    expect(await setTagHidden('k8s', true, null)).toMatchObject({ why: 'is-alias' });
    expect(await setTagHidden('nothing', true, null)).toMatchObject({ kind: 'unknown' });
  });
});

describe('a new tag whose name says nothing', () => {
  test('is hidden by rule, and the log has it once', async () => {
    const categories = ['Uncategorized', '2018-06', 'Linux'];
    await save(feed, ...[1, 2, 3].map((n) => makeDraft({ title: `P ${n}`, categories })));
    await save(other, makeDraft({ title: 'Q', categories }));
    expect(await tagged()).toMatchObject({ 'P 1': ['Linux'], Q: ['Linux'] });
    expect(await rows('SELECT kind, from_name, by, reason FROM tag_changes ORDER BY id')).toEqual([
      { kind: 'hide', from_name: '2018-06', by: 'rule', reason: 'a date' },
      { kind: 'hide', from_name: 'Uncategorized', by: 'rule', reason: 'no category' },
    ]);
    await setTagHidden('uncategorized', false, null);
    await save(feed, makeDraft({ title: 'R', categories }));
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
    await dbPool().query(
      `INSERT INTO posts (feed_id, canonical_url, url, title, body_html,
        body_text, summary_text, word_count, content_hash, sort_at, indexed_at)
      VALUES ($1, 'u', 'u', 'A', '', '', '', 0, '', now(), now())`,
      [feed.id],
    );
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
