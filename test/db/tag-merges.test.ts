import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { findTag } from '../../lib/queries/tags.ts';
import type { SavingFeed } from '../../lib/store/posts.ts';
import { aliasTag, mergeTags } from '../../lib/store/tag-governance.ts';
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

describe('merging a tag into another', () => {
  test('gives all its posts the other one, in the better place, and redirects its address', async () => {
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['Linux', 'Web Dev'] }),
      makeDraft({ title: 'B', categories: ['Web Dev', 'Linux', 'Webdev'] }),
      makeDraft({ title: 'C', categories: ['Webdev', 'Linux'] }),
      makeDraft({ title: 'D', categories: ['Linux'] }),
    );
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
    expect(await toIndex()).toEqual(['A', 'B']);
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
    const [id] = (await save(feed, makeDraft({ title: 'A', categories: ['Web Dev'] }))).inserted;
    await save(feed, makeDraft({ title: 'B', categories: ['Webdev'] }));
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
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['One'] }),
      makeDraft({ title: 'B', categories: ['Two'] }),
      makeDraft({ title: 'C', categories: ['Three'] }),
    );
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
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['K8s cluster'] }),
      makeDraft({ title: 'B', categories: ['Kubernetes'] }),
    );
    await aliasTag('k8s', 'Kubernetes', null);
    expect(await mergeTags('K8s cluster', 'K8s', null)).toMatchObject({
      into: { slug: 'kubernetes' },
    });
    await retagPosts();
    expect(await tagged()).toEqual({ A: ['Kubernetes'], B: ['Kubernetes'] });
  });

  test('is refused where it cannot be meant', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['One', 'Two', 'Uncategorized'] }));
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
    await save(feed, makeDraft({ title: 'Seed', categories: ['Into'] }));
    let posts = 1;
    for (let round = 0; round < 12; round++) {
      const from = `From ${round}`;
      await save(feed, makeDraft({ title: `First ${round}`, categories: [from] }));
      const drafts = (name: string) =>
        [1, 2, 3].map((n) =>
          makeDraft({ title: `${name} ${round} ${n}`, categories: [from, `Of ${round}`] }),
        );
      const merged = mergeTags(from, 'Into', null).then(() => retagPosts());
      await Promise.all([
        save(feed, ...drafts('One')),
        merged,
        save(other, ...drafts('Two')),
        merged.then(() => save(feed, ...drafts('Three'))),
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
    await save(
      feed,
      makeDraft({ title: 'A', categories: ['Kubernetes'] }),
      makeDraft({ title: 'B', categories: ['K8s'] }),
    );
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
    await save(feed, makeDraft({ title: 'A', categories: ['Kubernetes'] }));
    expect(await aliasTag('K8s', 'kubernetes', null)).toMatchObject({ kind: 'done' });
    await save(feed, makeDraft({ title: 'B', categories: ['k8s'] }));
    expect(await tagged()).toEqual({ A: ['Kubernetes'], B: ['Kubernetes'] });
  });

  test('is no way to lose a tag’s posts', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['Kubernetes', 'K8s'] }));
    expect(await aliasTag('K8s', 'Kubernetes', null)).toMatchObject({ why: 'has-posts' });
    expect(await tagged()).toEqual({ A: ['Kubernetes', 'K8s'] });
  });

  test('takes the name of a tag that has no posts any more', async () => {
    await save(feed, makeDraft({ title: 'A', guid: 'a', categories: ['K8s'] }));
    await save(feed, makeDraft({ title: 'A', guid: 'a', categories: ['Kubernetes'] }));
    expect(await aliasTag('K8s', 'Kubernetes', null)).toMatchObject({ kind: 'done' });
    expect(await findTag('k8s')).toEqual({ kind: 'alias', slug: 'kubernetes' });
  });

  test('of another tag has to be split first', async () => {
    await save(feed, makeDraft({ title: 'A', categories: ['Kubernetes', 'Kube'] }));
    await aliasTag('K8s', 'Kubernetes', null);
    expect(await aliasTag('k8s', 'Kube', null)).toMatchObject({
      why: 'is-alias',
      into: { slug: 'kubernetes' },
    });
    expect(await aliasTag('k8s', 'Kubernetes', null)).toMatchObject({ why: 'same' });
  });
});
