import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeToken, type Purpose } from '../../lib/alerts/tokens.ts';
import { askForAlert } from '../../lib/commands/alerts.ts';
import { changeTags } from '../../lib/commands/tags.ts';
import { dbPool } from '../../lib/db.ts';
import { reportOutage } from '../../lib/store/outages.ts';
import { findBarriers } from '../support/axe.ts';
import { useDatabase } from '../support/database.ts';
import { type SampleSite, startSampleSite } from '../support/polled-site.ts';
import { type PageKind, SAMPLES_NOW, samplePages } from '../support/sample-pages.ts';
import { openBrowser } from '../support/windows.ts';

useDatabase();
const PASSWORD = 'correct horse battery';
let site: SampleSite;
let paths: string[];

/** Alerts as their owner meets them: one to confirm, one in force, one stopped. */
async function alertPaths(): Promise<string[]> {
  for (const query of ['timestamp', 'kernel', '"second system"']) {
    const webhook = 'https://hooks.example.org/';
    await askForAlert({ email: 'ada@example.org', query, cadence: 'daily', webhook }, '127.0.0.1');
  }
  const { rows: alerts } = await dbPool().query<{ id: number; version: number }>(
    'SELECT id, token_version AS version FROM alerts ORDER BY id',
  );
  const { rows: owners } = await dbPool().query<{ id: number; version: number }>(
    'SELECT id, token_version AS version FROM subscribers',
  );
  const [pending, active, stopped] = alerts;
  const [owner] = owners;
  if (!pending || !active || !stopped || !owner) throw new Error('no alerts were made');
  const path = (purpose: Purpose, claim: typeof owner) =>
    `/alerts/${purpose}/${makeToken(purpose, claim)}`;
  const press = (address: string, form = '') => {
    const headers = { origin: site.url, 'content-type': 'application/x-www-form-urlencoded' };
    return site.get(address, { method: 'POST', headers, body: form });
  };
  for (const claim of [active, stopped]) await press(path('confirm', claim));
  await dbPool().query(`INSERT INTO alert_counts (measure, number) VALUES ('published', 3)`);
  await press(path('unsubscribe', stopped), 'change=stop');
  return [
    path('confirm', pending),
    path('confirm', active),
    path('unsubscribe', active),
    path('unsubscribe', stopped),
    `${path('manage', owner)}?done=confirmed`,
    `${path('manage', owner)}?counts=${active.id}&span=1w`,
    `${path('manage', owner)}/webhook/${active.id}?done=set`,
    `${path('manage', owner)}/words/${active.id}?query=kernel+(`,
    path('quiet', owner),
    path('never', owner),
    `/alerts?${new URLSearchParams({ policy: '{"tags": []}', webhook: 'ftp://a' })}`,
  ];
}

/** A page that names several feeds, as its operator meets it. */
async function addChoices(): Promise<void> {
  const choices = [
    { url: 'https://pond.example/news/feed.xml', title: 'News' },
    { url: `https://pond.example/${'a-very-long-address'.repeat(12)}` },
  ];
  await dbPool().query(
    `INSERT INTO feeds (url, slug, title, error_count, error_text, choices)
     VALUES ('https://pond.example/', 'pond', 'Pond', 1, 'This is a web page.', $1)`,
    [JSON.stringify(choices)],
  );
}

/** Has the operator told of a feed with a long address, and of an outage. */
async function tellOperator(): Promise<void> {
  const url = `https://planet.example/${'a-long-path'.repeat(20)}/feed.xml`;
  const data = { title: 'Long Path', url, since: new Date().toISOString() };
  await dbPool().query(
    `INSERT INTO notices (key, kind, feed_id, data) SELECT 'gone', 'gone', min(id), $1 FROM feeds`,
    [JSON.stringify(data)],
  );
  await reportOutage('wire-1', 7);
}

/** An archive that arrived at once, and waits for what its operator says. */
async function addFlood(): Promise<void> {
  await dbPool().query('INSERT INTO floods (feed_id, posts) SELECT min(id), 41 FROM feeds');
}

/**
 * A post of which the title and one of two paragraphs were others before.
 * @returns the path of its changes.
 */
async function changePost(path: string): Promise<string> {
  const id = Number(path.split('/')[2]);
  await dbPool().query(
    `WITH changed AS (
       UPDATE posts SET version = 2, former_title = 'What it was called before',
         body_text = E'This stays.\nThe cat sat on a mat of straw.' WHERE id = $1 RETURNING id)
     INSERT INTO post_versions (post_id, version, title, body_text, ended_at)
     SELECT id, 1, 'What it was called before', E'This stays.\nA cat sat on the mat.', now()
     FROM changed`,
    [id],
  );
  return `${path}/changes`;
}

/** Tags as their operator meets them: one hidden, a merge proposed, posts that we tagged. */
async function governTags(): Promise<void> {
  await dbPool().query(`
    INSERT INTO tag_proposals (pair, from_slug, into_slug, reason, score)
      VALUES ('teams testing', 'teams', 'testing', 'plural; 2 of 3 sources use both', 1);
    UPDATE post_tags SET origin = 'text' WHERE post_id IN (
      SELECT post_id FROM post_tags pt JOIN tags t ON t.id = pt.tag_id AND t.slug = 'testing')`);
  await changeTags({ kind: 'hide', name: 'Releases', reason: 'a test' });
}

/** Whatever is not there is told by the same page. */
function isNewLook({ status, heading }: PageKind, index: number, kinds: PageKind[]): boolean {
  return (
    status !== 404 ||
    kinds.findIndex((kind) => kind.status === 404 && kind.heading === heading) === index
  );
}

beforeAll(async () => {
  site = await startSampleSite({ now: SAMPLES_NOW, settings: { ADMIN_PASSWORD: PASSWORD } });
  await tellOperator();
  const kinds = await samplePages(site);
  const post = kinds.find(({ path }) => /^\/post\/\d+\/[^/]+$/u.test(path))?.path;
  if (post === undefined) throw new Error('no page of a post');
  await governTags();
  await addFlood();
  paths = [
    ...kinds.filter(isNewLook).map(({ path }) => path),
    await changePost(post),
    ...(await alertPaths()),
    '/admin',
    '/admin/feeds',
    '/admin/feeds?done=refused',
    '/admin/alerts?span=3h',
    '/admin/tags',
    '/admin/tags?done=unknown&from=testin',
  ];
  await addChoices();
});
afterAll(() => site?.stop());

/** What is wider than the window, so that the page scrolls sideways; the innermost of it. */
const tooWideOn = (page: Page) =>
  page.evaluate(() => {
    const width = window.innerWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const isWide = (element: Element) => element.getBoundingClientRect().right > width + 1;
    const isInBox = (element: Element): boolean =>
      element.parentElement !== null &&
      (getComputedStyle(element.parentElement).overflowX !== 'visible' ||
        isInBox(element.parentElement));
    return [...document.body.querySelectorAll('*')]
      .filter((element) => isWide(element) && !isInBox(element))
      .filter((element) => ![...element.children].some(isWide))
      .map((element) => `too wide: ${element.outerHTML.slice(0, 200)}`);
  });

const HEIGHT = 900;
/**
 * Each page is seen in both widths and both themes; which goes with which, and which comes first,
 * changes from page to page.
 */
const LOOKS = [
  [
    { width: 390, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
  ],
  [
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ],
] as const;
/** What a page is asked again in its other look; the rest is about its elements, which stay. */
const RULES_OF_LOOKS = [
  'color-contrast',
  'link-in-text-block',
  'scrollable-region-focusable',
  'target-size',
];

// Side by side: each is a window of its own, and waits for its pages now and then.
test.concurrent.each([0, 1])(
  'no page has a barrier, narrow or wide, light or dark (half %i)',
  async (half) => {
    const context = await (await openBrowser()).newContext({
      reducedMotion: 'reduce',
      httpCredentials: { username: 'admin', password: PASSWORD },
    });
    const page = await context.newPage();
    const findings: string[] = [];
    const its = paths.filter((_, index) => index % 2 === half);
    for (const [index, path] of its.entries()) {
      await page.goto(site.url + path);
      for (const [look, { width, colorScheme }] of LOOKS[index % 2 === 0 ? 0 : 1].entries()) {
        await page.setViewportSize({ width, height: HEIGHT });
        await page.emulateMedia({ colorScheme });
        const rules = look === 0 ? undefined : RULES_OF_LOOKS;
        const found = [...(await findBarriers(page, { rules })), ...(await tooWideOn(page))];
        findings.push(
          ...found.map((finding) => `${path}, ${width} px, ${colorScheme}: ${finding}`),
        );
      }
    }
    await context.close();
    expect(findings).toEqual([]);
  },
);
