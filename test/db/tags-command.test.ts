import { beforeAll, describe, expect, test } from 'vitest';
import { command } from '../../bin/commands/tags.ts';
import { changeTags, type TagWish, tellOutcome } from '../../lib/commands/tags.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { listTagRows } from '../../lib/queries/tag-log.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft } from '../support/make.ts';
import { allowLoopback } from '../support/polled-site.ts';
import { runCommand } from '../support/run-command.ts';
import { rows, save, tagged, twoFeeds } from '../support/tagged-posts.ts';

useDatabase();

const tags = (...args: string[]) => runCommand(['tags', ...args]);

beforeAll(async () => {
  allowLoopback();
  const [feed] = await twoFeeds();
  await save(
    feed,
    makeDraft({ title: 'A', categories: ['Web Dev', 'Kubernetes', 'Uncategorized'] }),
    makeDraft({ title: 'B', categories: ['Webdev'] }),
    makeDraft({ title: 'C', categories: ['Webdev', '2018'] }),
  );
  await changeTags({ kind: 'alias', from: 'K8s', into: 'kubernetes' });
});

describe('bin/tagwire tags', () => {
  test('lists the tags, the largest first', async () => {
    const { stdout, end } = await tags('list');
    expect(end).toBe('code 0');
    expect(stdout.split('\n').map((line) => line.trim().split(/\s{2,}/u))).toEqual([
      ['2', 'webdev', 'Webdev'],
      ['1', 'kubernetes', 'Kubernetes', 'also k8s'],
      ['1', 'web-dev', 'Web Dev'],
      [''],
    ]);
    expect(await listTagRows({ hidden: true })).toMatchObject([
      { slug: '2018', posts: 1, judgedBy: 'rule' },
      { slug: 'uncategorized', posts: 1, judgedBy: 'rule' },
    ]);
  });

  test('proposes, merges what is accepted with posts and search, and logs it', async () => {
    const proposals = JSON.parse((await tags('proposals', '--json')).stdout);
    expect(proposals).toMatchObject([
      { from: { name: 'Web Dev', posts: 1 }, into: { name: 'Webdev', posts: 2 } },
    ]);
    const accepted = await tags('accept', String(proposals[0].id));
    expect(accepted).toMatchObject({ end: 'code 0', stdout: '' });
    expect(accepted.stderr).toContain('“Web Dev” is “Webdev” now');
    expect(await tagged()).toMatchObject({ A: ['Webdev', 'Kubernetes'] });
    const webdev = { slug: 'webdev', name: 'Webdev', posts: 3 };
    // Also by a link from before.
    for (const tag of ['webdev', 'web-dev']) {
      const found = await searchPosts({ q: '', tag });
      expect(found).toMatchObject({ kind: 'found', total: 3 });
      if (found.kind === 'found') expect(found.facets.tag).toContainEqual(webdev);
    }
    const log = (await tags('log', '--limit', '1')).stdout;
    expect(log).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d {2}operator {2}merge {2}Web Dev into Webdev {2}1 post {2}\(the same letters;.*\)\n$/u,
    );
  });

  test('says what is so and what to do when it cannot', async () => {
    expect(await tags('hide', 'Kubernets')).toEqual({
      end: 'code 1',
      stdout: '',
      stderr: 'tagwire: There is no tag “Kubernets”.\n  Did you mean “Kubernetes”?\n',
    });
  });

  test('has an example for each of its commands', () => {
    expect(command.commands.map((one) => one.name()).sort()).toEqual(
      'accept alias hide list log merge proposals reject show split'.split(' '),
    );
    for (const one of command.commands) {
      const help: string[] = [];
      one.configureOutput({ writeOut: (text) => help.push(text) });
      one.outputHelp();
      expect(help.join('')).toContain(`$ bin/tagwire tags ${one.name()}`);
    }
  });
});

const merge = (from: string, into: string): TagWish => ({ kind: 'merge', from, into });

test.each([
  [merge('Kubernets', 'webdev'), /no tag “Kubernets”/u, /^Did you mean “Kubernetes”\?$/u],
  [merge('webdev', 'zzz'), /no tag “zzz”/u, /^No tag’s name looks like it; the list of tags/u],
  [merge('k8s', 'webdev'), /^“K8s” is another name of “Kubernetes”/u, /split “K8s”/u],
  [merge('webdev', 'Webdev'), /are one tag already/u, /^$/u],
  [merge('kubernetes', 'k8s'), /^“Kubernetes” and “K8s” are one tag already/u, /^$/u],
  [merge('webdev', 'uncategorized'), /^“Uncategorized” is hidden/u, /^Show “Uncategorized”/u],
  [{ kind: 'alias', from: 'webdev', into: 'k8s' }, /is a tag with posts/u, /into “Kubernetes”/u],
  [{ kind: 'alias', from: ' ', into: 'webdev' }, /has 1 to 64 characters/u, /^$/u],
  [{ kind: 'alias', from: 'x'.repeat(65), into: 'webdev' }, /has 1 to 64 characters/u, /^$/u],
  [{ kind: 'hide', name: 'uncategorized' }, /is hidden already/u, /^$/u],
  [{ kind: 'show', name: 'webdev' }, /is shown already/u, /^$/u],
  [{ kind: 'split', name: 'webdev' }, /is a tag of its own already/u, /alias/u],
  [{ kind: 'accept', id: 99 }, /no open proposal 99/u, /decided before/u],
  [{ kind: 'reject', id: 99, reason: 'x' }, /no open proposal 99/u, /decided before/u],
] satisfies [TagWish, RegExp, RegExp][])('%j is refused in words', async (wish, message, next) => {
  const before = await rows('SELECT id FROM tag_changes');
  const outcome = await changeTags(wish);
  expect(outcome.kind).not.toBe('done');
  const words = tellOutcome(outcome);
  expect(words.message).toMatch(message);
  expect(words.next ?? '').toMatch(next);
  expect(await rows('SELECT id FROM tag_changes')).toEqual(before);
});

test.each([
  [{ kind: 'hide', name: 'KUBERNETES' }, '“Kubernetes” is hidden; its posts stay.'],
  [{ kind: 'show', name: 'kubernetes' }, '“Kubernetes” is shown again.'],
  [{ kind: 'split', name: 'k8s' }, '“K8s” is a tag of its own again, apart from “Kubernetes”.'],
] satisfies [TagWish, string][])('%j is done and told', async (wish, message) => {
  const outcome = await changeTags({ ...wish, reason: ` why ${'so '.repeat(200)}` });
  expect(tellOutcome(outcome).message).toBe(message);
  const [last] = await rows<{ reason: string }>(
    'SELECT reason FROM tag_changes ORDER BY id DESC LIMIT 1',
  );
  expect(last?.reason).toMatch(/^why so so/u);
  expect(last?.reason.length).toBeLessThanOrEqual(300);
});
