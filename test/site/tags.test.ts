import { beforeAll, describe, expect, test } from 'vitest';
import { changeTags } from '../../lib/commands/tags.ts';
import { dbPool } from '../../lib/db.ts';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import type { SavingFeed } from '../../lib/store/posts.ts';
import { proposeMerges } from '../../lib/store/tag-proposals.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeDraft } from '../support/make.ts';
import { openSite, PASSWORD } from '../support/open-site.ts';
import { readPage } from '../support/read-page.ts';
import type { Site } from '../support/site.ts';
import { rows, save, tagged, twoFeeds } from '../support/tagged-posts.ts';

useDatabase({ isOfSite: true });
const ADMIN = { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` };
const JUNE = new Date('2025-06-10T10:00:00Z');
let site: Site;
let feed: SavingFeed;
let other: SavingFeed;

beforeAll(async () => {
  [feed, other] = await twoFeeds();
  await save(
    feed,
    makeDraft({ title: 'Floats', categories: ['Web Dev', 'CSS'], publishedAt: JUNE }),
    makeDraft({ title: 'Grids', categories: ['Webdev', 'CSS', '2018'], publishedAt: JUNE }),
    makeDraft({ title: 'Boxes', categories: ['Webdev', 'Ramblings'] }),
    makeDraft({ title: 'Rows', categories: ['Kubernetes'] }),
  );
  await save(
    other,
    makeDraft({ title: 'Pods', categories: ['Kubernetes'] }),
    makeDraft({ title: 'Nodes', categories: ['Kubernetes'] }),
    makeDraft({ title: 'Running Kubernetes at home' }),
  );
  site = await openSite();
});

const read = async (path: string, init?: RequestInit) =>
  readPage(await (await site.get(path, init)).text());
const textOf = async (path: string) => (await read(path)).text;
const soon = (path: string) => expect.poll(() => textOf(path));

async function ids(path: string): Promise<(string | undefined)[]> {
  const answer = await site.get(path);
  const url = site.url + path;
  const found = await readFeed(new Uint8Array(await answer.arrayBuffer()), { url, now: JUNE });
  return found.kind === 'read' ? found.drafts.map(({ guid }) => guid).sort() : [];
}

const post = (
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = ADMIN,
) =>
  site.get(path, {
    method: 'POST',
    headers: {
      origin: site.url,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });

describe('a tag that was merged', () => {
  test('leads to the other: page, months and feeds, whose items stay the same', async () => {
    const before = [
      ...(await ids('/tag/web-dev/feed.xml')),
      ...(await ids('/tag/webdev/feed.xml')),
    ];
    expect(before).toHaveLength(3);
    expect(await textOf('/tag/webdev')).not.toContain('Floats');
    await changeTags({ kind: 'merge', from: 'web-dev', into: 'webdev', reason: 'one word' });
    await retagPosts();
    await soon('/tag/webdev').toContain('Floats');
    for (const path of [
      '',
      '/2025/06',
      '/feed.xml',
      '/feed.atom',
      '/feed.json',
      '/2025/06/feed.json',
    ]) {
      const answer = await site.get(`/tag/web-dev${path}`);
      expect(answer.status, path).toBe(308);
      const location = new URL(answer.headers.get('location') ?? '', site.url).pathname;
      expect(location).toBe(`/tag/webdev${path}`);
      expect((await site.get(location)).status, location).toBe(200);
    }
    expect(await ids('/tag/webdev/feed.xml')).toEqual(before.sort());
    expect(await textOf('/tags')).not.toContain('Web Dev');
    expect(await textOf('/tag/webdev')).toContain('Also calledWeb Dev');
    expect((await read('/tag/webdev')).hrefs).not.toContain('/tag/web-dev');
  });

  test('stands in the public log at once', async () => {
    await soon('/tags/log').toContain('Web Dev was merged into Webdev. By the operator: one word');
    expect(await textOf('/tags/log')).toContain('2018 was hidden. By rule: a date');
  });
});

describe('a hidden tag', () => {
  test('is on no page any more, and its address is nobody’s', async () => {
    expect(await textOf('/source/one')).toContain('Ramblings');
    expect((await site.get('/tag/2018')).status).toBe(404);
    await changeTags({ kind: 'hide', name: 'ramblings' });
    await retagPosts();
    await soon('/source/one').not.toContain('Ramblings');
    expect((await site.get('/tag/ramblings')).status).toBe(404);
    expect((await site.get('/tag/ramblings/feed.xml')).status).toBe(404);
    expect(await textOf('/tags')).not.toContain('Ramblings');
    await changeTags({ kind: 'show', name: 'ramblings' });
    await retagPosts();
    await soon('/tag/ramblings').toContain('Boxes');
  });
});

test('a post that we tagged says so, and is in the tag’s archive and feed', async () => {
  const { posts, text } = await read('/tag/kubernetes');
  const title = 'Running Kubernetes at home';
  const path = posts.find((each) => each.title === title)?.path ?? '';
  expect(text).toContain('Tagged by usKubernetes');
  expect(await textOf(path)).toContain('Tagged by usKubernetes');
  expect(await textOf('/about')).toContain('tagged by us');
  const answer = await site.get('/tag/kubernetes/feed.json');
  const { items } = (await answer.json()) as { items: { title: string; tags: string[] }[] };
  expect(items.find((item) => item.title === title)?.tags).toEqual(['Kubernetes']);
});

describe('the log of tags', () => {
  test('goes by pages, and its inner address is nobody’s', async () => {
    await dbPool().query(`
      INSERT INTO tag_changes (kind, from_slug, from_name, by)
      SELECT 'hide', 'none-' || n, 'None ' || n, 'operator' FROM generate_series(1, 60) AS n`);
    await changeTags({ kind: 'alias', from: 'K8s', into: 'Kubernetes' });
    await soon('/tags/log').toContain('K8s means Kubernetes. By the operator.');
    const first = await read('/tags/log');
    const older = first.hrefs.find((href) => href.startsWith('/tags/log?before=')) ?? '';
    const second = await read(older);
    expect(second.text).toContain('None 1 was hidden');
    expect(second.text).toContain('This is where it began');
    expect(first.text).not.toContain('None 1 was hidden');
    expect(second.hrefs).toContain('/tags/log');
    expect(second.links.canonical?.map(({ href }) => href)).toEqual([`${site.url}/tags/log`]);
    for (const before of ['0', '1', 'abc', '99999999999']) {
      expect((await site.get(`/tags/log?before=${before}`)).status).toBe(404);
    }
    expect((await site.get('/tag-log/newest')).status).toBe(308);
  });
});

describe('the operator’s page of tags', () => {
  test('does what its forms say and tells what came of it', async () => {
    const done = await post('/admin/tags/change', { wish: 'hide', name: 'CSS', reason: 'a test' });
    expect([done.status, done.headers.get('location')]).toEqual([
      303,
      '/admin/tags?done=hide&from=css',
    ]);
    const page = await read('/admin/tags?done=hide&from=css', { headers: ADMIN });
    expect(page.text).toContain('“css” is hidden; its posts stay.');
    expect(await rows(`SELECT hidden FROM tags WHERE slug = 'css'`)).toEqual([{ hidden: true }]);
    await post('/admin/tags/change', { wish: 'show', name: 'css' });
    expect(await rows(`SELECT hidden FROM tags WHERE slug = 'css'`)).toEqual([{ hidden: false }]);
  });

  test('answers an unknown name with those that look like it', async () => {
    const { headers } = await post('/admin/tags/change', {
      wish: 'merge',
      from: 'Kuberntes',
      into: 'css',
    });
    const page = await read(headers.get('location') ?? '', { headers: ADMIN });
    expect(page.text).toContain('There is no tag “kuberntes”.Did you mean “Kubernetes”?');
  });

  test('merges or keeps apart what is proposed', async () => {
    await save(
      feed,
      makeDraft({ title: 'P', categories: ['Photo', 'Container'] }),
      makeDraft({ title: 'Q', categories: ['Photos', 'Containers'] }),
      makeDraft({ title: 'R', categories: ['Photos', 'Containers'] }),
    );
    await proposeMerges();
    const text = (await read('/admin/tags', { headers: ADMIN })).text;
    expect(text).toContain('Photo 1 into Photos 2');
    const found = await rows<{ id: number; from: string }>(
      `SELECT id, from_slug AS from FROM tag_proposals WHERE status = 'open'`,
    );
    const idOf = (slug: string) => found.find(({ from }) => from === slug)?.id;
    const path = '/admin/tags/proposals';
    const kept = await post(`${path}/${idOf('photo')}/reject`, { reason: 'two arts' });
    expect(kept.headers.get('location')).toBe('/admin/tags?done=keep&from=photo&into=photos');
    const merged = await post(`${path}/${idOf('container')}/accept`, {});
    expect(merged.headers.get('location')).toContain('done=merge');
    await retagPosts();
    expect(await tagged()).toMatchObject({ P: ['Photo', 'Containers'] });
    expect((await read('/admin/tags', { headers: ADMIN })).text).toContain('None at present');
    const again = await post(`${path}/${idOf('photo')}/accept`, {});
    expect((await read(again.headers.get('location') ?? '', { headers: ADMIN })).text).toContain(
      'There is no open proposal',
    );
  });

  test('is for the operator alone, and from its own forms', async () => {
    const wish = { wish: 'hide', name: 'kubernetes' };
    expect((await post('/admin/tags/change', wish, {})).status).toBe(401);
    const forged = { ...ADMIN, origin: 'https://evil.example' };
    expect((await post('/admin/tags/change', wish, forged)).status).toBe(403);
    expect((await post('/admin/tags/proposals/1/accept', {}, {})).status).toBe(401);
    expect((await post('/admin/tags/change', { wish: 'burn' })).status).toBe(400);
    expect((await post('/admin/tags/proposals/0/accept', {})).status).toBe(404);
    expect((await post('/admin/tags/proposals/1/burn', {})).status).toBe(404);
    expect(await rows(`SELECT hidden FROM tags WHERE slug = 'kubernetes'`)).toEqual([
      { hidden: false },
    ]);
  });

  test('says nothing that an address puts into its mouth', async () => {
    const lie = encodeURIComponent('<b>Send your password to evil.example</b>');
    const { text } = await read(`/admin/tags?done=hide&from=${lie}&into=${lie}`, {
      headers: ADMIN,
    });
    expect(text).not.toContain('evil.example');
    expect(text).not.toContain('Send your password');
  });
});
