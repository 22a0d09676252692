import { beforeEach, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { getPost } from '../../lib/queries/posts.ts';
import { savePosts } from '../../lib/store/posts.ts';
import { setBodies } from '../../workers/jobs/set-bodies.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { makeDraft, makeFeed } from '../support/make.ts';

useDatabase();

const CODE = '<pre class="language-js">const a = 1;</pre>';
const SET =
  '<pre class="language-js" data-language="JavaScript"><code><span class="h-k">const</span> a = ';

beforeEach(async () => {
  await emptyTables(['feeds'], { isNumberedAnew: true });
});

async function save(draft: Parameters<typeof makeDraft>[0]): Promise<number> {
  const { rows } = await dbPool().query('SELECT id FROM feeds');
  const id = rows[0]?.id ?? (await makeFeed());
  const feed = { id, slug: 'a-feed', firstGoodAt: new Date(0), feedTags: [] };
  const { inserted, updated } = await savePosts(feed, [makeDraft(draft)], { now: new Date() });
  return [...inserted, ...updated][0] ?? 0;
}

test('a body is kept as its publisher has it and as pages set it', async () => {
  const id = await save({ title: 'One', bodyHtml: CODE, shownHtml: `${SET}1` });
  expect(await getPost(id)).toMatchObject({ bodyHtml: CODE, shownHtml: `${SET}1` });
  expect(await setBodies()).toBe(0);
});

test('a body that older rules have set, or none, is set by the worker, once', async () => {
  const id = await save({ title: 'One', bodyHtml: CODE });
  await save({ title: 'Two', bodyHtml: '<p>Nothing to set.</p>' });
  expect((await getPost(id))?.shownHtml).toBeNull();
  expect(await setBodies()).toBe(2);
  expect((await getPost(id))?.shownHtml).toContain(SET);
  expect(await setBodies()).toBe(0);
});

test('another body is never shown as the one before was set, whoever writes it', async () => {
  const id = await save({ title: 'One', bodyHtml: CODE, shownHtml: `${SET}1` });
  await dbPool().query(`UPDATE posts SET body_html = '' WHERE id = $1`, [id]);
  expect((await getPost(id))?.shownHtml).toBeNull();
  await save({ title: 'One', bodyHtml: `${CODE} more`, shownHtml: `${SET}2` });
  expect((await getPost(id))?.shownHtml).toBe(`${SET}2`);
});

test('places and frames, which a body itself has not, outlive new rules', async () => {
  const frame = '<a class="embed" href="https://videos.example/1">Watch</a>';
  const bodyHtml = `<p>Text</p>${CODE}`;
  const set = SET.replace(/ data-language="\w+"/u, '');
  const old = `<p id="note">Text <a href="#note">1</a></p>${frame}${set}1;</code></pre>`;
  const id = await save({ title: 'One', bodyHtml, shownHtml: old });
  await dbPool().query('UPDATE posts SET shown_version = 1 WHERE id = $1', [id]);
  // Until then it is shown as it was set.
  expect((await getPost(id))?.shownHtml).toBe(old);
  expect(await setBodies()).toBe(1);
  const shown = (await getPost(id))?.shownHtml;
  expect(shown).toContain('<p id="note">Text <a href="#note">1</a></p>');
  expect(shown).toContain(frame);
  expect(shown).toContain(SET);
});
