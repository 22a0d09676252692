import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import type { PostDraft } from '../../lib/model/post.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { setFeed } from '../../lib/store/feeds.ts';
import { type SavingFeed, savePosts } from '../../lib/store/posts.ts';
import { queueUntagged } from '../../lib/store/retags.ts';
import { aliasTag, mergeTags, setTagHidden } from '../../lib/store/tag-governance.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();

const NOW = new Date('2026-06-01T00:00:00Z');
let feeds: SavingFeed[] = [];
let bare: SavingFeed;

const save = (drafts: PostDraft[], into: SavingFeed) => savePosts(into, drafts, { now: NOW });

async function newFeed(title: string): Promise<SavingFeed> {
  const id = await makeFeed(title);
  return { id, slug: title.toLowerCase(), firstGoodAt: NOW, feedTags: [] };
}

/** Has as many posts as there are names of sources bear a tag, one each. */
async function use(name: string, sources: (0 | 1)[]): Promise<void> {
  for (const [i, source] of sources.entries()) {
    const into = feeds[source];
    if (into)
      await save([makeDraft({ title: `${name} ${i} of ${source}`, categories: [name] })], into);
  }
}

const tagsOf = async (title: string) => {
  const { rows } = await dbPool().query<{ id: number }>('SELECT id FROM posts WHERE title = $1', [
    title,
  ]);
  const post = await getPost(rows[0]?.id ?? 0);
  return post?.tags.map(({ name, origin }) => `${name} (${origin})`);
};

const rows = async (sql: string) => (await dbPool().query(sql)).rows;

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'tag_changes'], { isNumberedAnew: true });
  feeds = [await newFeed('One'), await newFeed('Two')];
  bare = await newFeed('Bare');
  await use('Linux', [0, 0, 1]);
  await use('Kubernetes', [0, 1, 1]);
});

describe('a post without categories', () => {
  test('gets the known tags that its words name, marked as ours', async () => {
    await save(
      [makeDraft({ title: 'Booting Linux', bodyText: 'Kubernetes, and kubernetes.' })],
      bare,
    );
    expect(await tagsOf('Booting Linux')).toEqual(['Linux (text)', 'Kubernetes (text)']);
    const [words] = await rows(
      `SELECT words @@ 'kubernetes:B' AS has FROM posts WHERE title = 'Booting Linux'`,
    );
    expect(words).toEqual({ has: true });
  });

  test('gets only what feeds of two sources have given to three posts', async () => {
    await use('Podman', [0, 1]);
    await use('Lonely', [0, 0, 0, 0]);
    await save([makeDraft({ title: 'Podman and Lonely' })], bare);
    expect(await tagsOf('Podman and Lonely')).toEqual([]);
    await use('Podman', [0, 1, 0]);
    await save([makeDraft({ title: 'Podman again' })], bare);
    expect(await tagsOf('Podman again')).toEqual(['Podman (text)']);
  });

  test('that came before its words were known is looked at again', async () => {
    await save([makeDraft({ title: 'Podman' }), makeDraft({ title: 'Linux' })], bare);
    await use('Podman', [0, 1, 1]);
    await dbPool().query('UPDATE posts SET indexed_at = now(), created_at = now()');
    await queueUntagged(1);
    expect(await retagPosts()).toBe(1);
    expect(await tagsOf('Podman')).toEqual(['Podman (text)']);
    expect(await rows('SELECT title FROM posts WHERE indexed_at IS NULL')).toEqual([
      { title: 'Podman' },
    ]);
  });

  test('is no evidence for others', async () => {
    await use('Podman', [0, 1, 1]);
    await dbPool().query(`UPDATE post_tags pt SET origin = 'text' FROM tags t
                          WHERE t.id = pt.tag_id AND t.slug = 'podman'`);
    await save([makeDraft({ title: 'Podman' })], bare);
    expect(await tagsOf('Podman')).toEqual([]);
  });

  test('loses ours when its feed gives categories, and gets them back', async () => {
    const post = { title: 'Booting Linux', guid: 'a' };
    await save([makeDraft(post)], bare);
    await save([makeDraft({ ...post, categories: ['Boot', 'linux'] })], bare);
    expect(await tagsOf('Booting Linux')).toEqual(['Boot (feed)', 'Linux (feed)']);
    await save([makeDraft({ ...post, categories: ['Boot'] })], bare);
    expect(await tagsOf('Booting Linux')).toEqual(['Boot (feed)']);
    await save([makeDraft({ ...post, categories: ['Uncategorized'] })], bare);
    expect(await tagsOf('Booting Linux')).toEqual(['Linux (text)']);
  });

  test('changes ours with its words', async () => {
    await save([makeDraft({ title: 'Booting Linux', guid: 'a' })], bare);
    await save([makeDraft({ title: 'Booting Kubernetes', guid: 'a' })], bare);
    expect(await tagsOf('Booting Kubernetes')).toEqual(['Kubernetes (text)']);
    expect(
      await rows(`SELECT t.slug, sum(m.posts)::int AS posts FROM tag_months m
                       JOIN tags t ON t.id = m.tag_id GROUP BY t.slug ORDER BY t.slug`),
    ).toEqual([
      { slug: 'kubernetes', posts: 4 },
      { slug: 'linux', posts: 3 },
    ]);
  });

  test('gets none of ours where another source of it has one, and loses those it got', async () => {
    const story = { title: 'Booting Linux', url: 'https://example.org/boot' };
    await save([makeDraft({ ...story, guid: 'a' })], bare);
    const [feed] = feeds;
    if (feed) await save([makeDraft({ ...story, guid: 'b', categories: ['Boot'] })], feed);
    expect(await tagsOf('Booting Linux')).toEqual(['Boot (feed)']);
    await save([makeDraft({ ...story, guid: 'a', bodyText: 'New words.' })], bare);
    expect(await tagsOf('Booting Linux')).toEqual(['Boot (feed)']);
  });

  test('knows other names of a tag, and not those of hidden ones', async () => {
    await aliasTag('K8s', 'Kubernetes', null);
    await setTagHidden('Linux', true, null);
    await save([makeDraft({ title: 'K8s on Linux' })], bare);
    expect(await tagsOf('K8s on Linux')).toEqual(['Kubernetes (text)']);
  });

  test('follows when a tag is hidden, shown or merged', async () => {
    await save([makeDraft({ title: 'Linux' }), makeDraft({ title: 'Booting Kubernetes' })], bare);
    await setTagHidden('Linux', true, null);
    await mergeTags('Kubernetes', 'Linux', null);
    await retagPosts();
    expect(await tagsOf('Linux')).toEqual([]);
    expect(await tagsOf('Booting Kubernetes')).toEqual(['Kubernetes (text)']);
    await setTagHidden('Linux', false, null);
    await mergeTags('Kubernetes', 'Linux', null);
    await retagPosts();
    expect(await tagsOf('Booting Kubernetes')).toEqual(['Linux (text)']);
  });

  test('of an archive without categories gets them too, in the queue what is much at once', async () => {
    const drafts = Array.from({ length: 130 }, (_, n) => makeDraft({ title: `Linux, part ${n}` }));
    await save(drafts, bare);
    const count = `SELECT count(*)::int AS posts FROM post_tags WHERE origin = 'text'`;
    expect(await rows(count)).toEqual([{ posts: 100 }]);
    await dbPool().query('UPDATE posts SET indexed_at = now()');
    await retagPosts();
    expect(await rows(count)).toEqual([{ posts: 130 }]);
    expect(await rows('SELECT FROM posts WHERE indexed_at IS NULL')).toHaveLength(30);
  });
});

describe('the operator’s tags of a feed', () => {
  test('are tags like those of its posts, and leave no room for ours', async () => {
    await save([makeDraft({ title: 'Booting Linux' })], { ...bare, feedTags: ['Planet'] });
    expect(await tagsOf('Booting Linux')).toEqual(['Planet (operator)']);
  });

  test('are given to the posts that are there when they change', async () => {
    await save([makeDraft({ title: 'Booting Linux' })], bare);
    await setFeed(bare.id, { feedTags: ['Planet'] });
    await retagPosts();
    expect(await tagsOf('Booting Linux')).toEqual(['Planet (operator)']);
    await setFeed(bare.id, { feedTags: [] });
    await retagPosts();
    expect(await tagsOf('Booting Linux')).toEqual(['Linux (text)']);
  });
});
