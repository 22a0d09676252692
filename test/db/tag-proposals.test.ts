import { beforeEach, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { listProposals, listTagChanges } from '../../lib/queries/tag-log.ts';
import type { SavingFeed } from '../../lib/store/posts.ts';
import { mergeTags, setTagHidden, splitAlias } from '../../lib/store/tag-governance.ts';
import { acceptProposal, proposeMerges, rejectProposal } from '../../lib/store/tag-proposals.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft } from '../support/make.ts';
import { rows, save, tagged, twoFeeds } from '../support/tagged-posts.ts';

useDatabase();
let feed: SavingFeed;
let other: SavingFeed;
beforeEach(async () => {
  [feed, other] = await twoFeeds();
});

/** So many posts of a source bear these tags. */
const use = (source: SavingFeed, posts: number, ...categories: string[]) =>
  save(
    source,
    ...Array.from({ length: posts }, (_, n) =>
      makeDraft({ title: `${source.slug} ${categories.join(' ')} ${n}`, categories }),
    ),
  );

const open = async () =>
  (await listProposals(100)).map(
    ({ from, into, reason }) =>
      `${from.name} ${from.posts} > ${into.name} ${into.posts}: ${reason}`,
  );

describe('proposals', () => {
  test('name the larger tag as the target and say what speaks for them, the best first', async () => {
    await use(feed, 6, 'Containers', 'Linux', 'Cloud');
    await use(other, 2, 'Containers');
    await use(feed, 5, 'Container', 'Linux', 'Cloud');
    await use(other, 1, 'Web Dev');
    await use(other, 4, 'Webdev');
    expect(await proposeMerges()).toBe(2);
    expect(await open()).toEqual([
      'Container 5 > Containers 8: plural; 1 of 2 sources uses both; 2 tags of 2 beside them the same',
      'Web Dev 1 > Webdev 4: the same letters; 1 of 1 source uses both; the smaller has 1 post',
    ]);
  });

  test('are not made of strangers, of hidden tags, or of tags without posts', async () => {
    await use(feed, 5, 'Engines', 'Trains');
    await use(other, 5, 'Engine', 'Chess');
    await use(feed, 5, 'Posts');
    await use(feed, 5, 'Thought', 'Thoughts');
    await setTagHidden('Thoughts', true, null);
    await dbPool().query(`INSERT INTO tags (slug, name) VALUES ('train', 'Train')`);
    expect(await proposeMerges()).toBe(0);
  });

  test('go when their tags are other ones, and stay the same otherwise', async () => {
    await use(feed, 1, 'Web Dev', 'Photo');
    await use(feed, 4, 'Webdev', 'Photos');
    await proposeMerges();
    const before = await listProposals(10);
    await proposeMerges();
    expect(await listProposals(10)).toEqual(before);
    await mergeTags('Web Dev', 'Webdev', null);
    // Also before they are computed anew.
    expect(await open()).toHaveLength(1);
    await retagPosts();
    expect(await proposeMerges()).toBe(1);
    expect(await rows('SELECT pair FROM tag_proposals')).toEqual([{ pair: 'photo photos' }]);
  });

  test('that are accepted are merges with their reason', async () => {
    await use(feed, 1, 'Web Dev');
    await use(feed, 4, 'Webdev');
    await proposeMerges();
    const [proposal] = await listProposals(1);
    const id = proposal?.id ?? 0;
    expect(await acceptProposal(id)).toMatchObject({
      kind: 'done',
      change: 'merge',
      from: { slug: 'web-dev' },
      into: { slug: 'webdev' },
    });
    await retagPosts();
    expect(await tagged()).toMatchObject({ 'one Web Dev 0': ['Webdev'] });
    expect((await listTagChanges())?.changes[0]).toMatchObject({
      kind: 'merge',
      by: 'operator',
      reason: expect.stringContaining('the same letters'),
    });
    expect(await acceptProposal(id)).toEqual({ kind: 'no-proposal', id });
    expect(await rejectProposal(id, null)).toEqual({ kind: 'no-proposal', id });
  });

  test('that are rejected never come back, whichever of both is larger', async () => {
    await use(feed, 1, 'Web Dev');
    await use(feed, 4, 'Webdev');
    await proposeMerges();
    const [proposal] = await listProposals(1);
    expect(await rejectProposal(proposal?.id ?? 0, 'two things')).toMatchObject({
      kind: 'done',
      change: 'keep',
    });
    await use(other, 9, 'Web Dev');
    expect(await proposeMerges()).toBe(0);
    expect(await open()).toEqual([]);
    expect((await listTagChanges())?.changes[0]).toMatchObject({
      kind: 'keep',
      from: { name: 'Web Dev' },
      into: { name: 'Webdev' },
      reason: 'two things',
    });
  });

  test('of one tag are one at a time, and the next best when the best was rejected', async () => {
    await use(feed, 1, 'WebDevs');
    await use(feed, 2, 'Web devs');
    await use(feed, 3, 'Webdev');
    expect(await proposeMerges()).toBe(2);
    const of = async () => (await open()).filter((one) => one.startsWith('WebDevs'));
    expect(await of()).toEqual([expect.stringContaining('> Web devs 2: the same letters')]);
    const [proposal] = (await listProposals(9)).filter(({ from }) => from.name === 'WebDevs');
    await rejectProposal(proposal?.id ?? 0, null);
    await proposeMerges();
    expect(await of()).toEqual([expect.stringContaining('> Webdev 3: plural')]);
  });

  test('come again when an accepted merge was undone', async () => {
    await use(feed, 1, 'Web Dev');
    await use(feed, 4, 'Webdev');
    await proposeMerges();
    const [proposal] = await listProposals(1);
    await acceptProposal(proposal?.id ?? 0);
    await splitAlias('web-dev', null);
    await retagPosts();
    expect(await proposeMerges()).toBe(1);
    expect(await open()).toHaveLength(1);
  });

  test('may be computed twice at once', async () => {
    await use(feed, 1, 'Web Dev', 'Photo');
    await use(feed, 4, 'Webdev', 'Photos');
    expect(await Promise.all([1, 2, 3].map(() => proposeMerges()))).toEqual([2, 2, 2]);
    expect(await listProposals(10)).toHaveLength(2);
  });
});

test('the log goes by pages, the newest first', async () => {
  await dbPool().query(`
    INSERT INTO tag_changes (kind, from_slug, from_name, by)
    SELECT 'hide', 't' || n, 'T' || n, 'operator' FROM generate_series(1, 7) AS n`);
  const names: string[] = [];
  let before: string | undefined;
  for (let pages = 1; pages <= 3; pages++) {
    const page = await listTagChanges({ limit: 3, before });
    names.push(...(page?.changes ?? []).map(({ from }) => from.name));
    expect(page?.older === null).toBe(pages === 3);
    before = page?.older ?? undefined;
  }
  expect(names).toEqual(['T7', 'T6', 'T5', 'T4', 'T3', 'T2', 'T1']);
  for (const cursor of ['0', 'x', '-1', '1e3', '99999999999', '']) {
    expect(await listTagChanges({ before: cursor })).toBeUndefined();
  }
});
