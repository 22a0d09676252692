import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addByAddress } from '../../bin/feeds/add.ts';
import { importList } from '../../bin/feeds/import.ts';
import { describeFeed } from '../../bin/feeds/show.ts';
import { dbPool } from '../../lib/db.ts';
import { type FeedFetching, getFetching } from '../../lib/queries/fetching.ts';
import { getOwnership, type Ownership } from '../../lib/queries/ownership.ts';
import { addFeeds, listFeeds } from '../../lib/store/feeds.ts';
import { useDatabase } from '../support/database.ts';
import { emptyTables } from '../support/empty-tables.ts';
import { rss, useFeedServer } from '../support/feed-server.ts';
import { pollNow } from '../support/poll-now.ts';
import { allowLoopback } from '../support/polled-site.ts';
import { runCommand } from '../support/run-command.ts';

useDatabase();
const server = useFeedServer();
beforeAll(allowLoopback);

const link = (href: string, title: string) =>
  `<link rel="alternate" type="application/rss+xml" title="${title}" href="${href}">`;
const PAGE = {
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><html>${link('/news', 'News')}${link('/notes', 'Notes')}<p>Hello</p></html>`,
};
const NOTES = rss('Pond Notes', [{ title: 'One' }]);

beforeEach(async () => {
  await emptyTables(['feeds', 'tags', 'cache_events'], { isNumberedAnew: true });
  server.serve('/blog', PAGE);
  server.serve('/notes', { body: NOTES });
});

const urls = async () => (await listFeeds()).map(({ url }) => url);

describe('feeds add', () => {
  const OPTIONS = { check: true, tag: [] };

  test('lists the feeds of a page, to choose one by its number', async () => {
    const url = server.at('/blog');
    await expect(addByAddress([url], OPTIONS)).rejects.toMatchObject({
      message: `${url} is a web page with 2 feeds.`,
      next: expect.stringContaining(`--choose:\n  1  ${server.at('/news')}  News\n  2  `),
    });
    await expect(addByAddress([url], { ...OPTIONS, choose: 3 })).rejects.toThrow(
      'has no feed 3: it names 2 feeds.',
    );
    await expect(addByAddress([url, url], { ...OPTIONS, choose: 1 })).rejects.toThrow(
      '--choose is about one page.',
    );
    expect(await urls()).toEqual([]);
  });

  test('gives the chosen feed to the row that waits for the choice', async () => {
    const [page] = await addFeeds([{ url: server.at('/blog'), tags: ['Water'] }]);
    await pollNow(page?.id ?? 0);
    expect(await runCommand(['feeds', 'add', '--choose', '2', server.at('/blog')])).toMatchObject({
      end: 'code 0',
      stdout: `added  ${server.at('/notes')}  "Pond Notes", 1 post\n`,
    });
    expect(await listFeeds()).toMatchObject([
      { id: page?.id, url: server.at('/notes'), feedTags: ['Water'], errorText: null },
    ]);
  });
});

describe('feeds set', () => {
  const set = (pair: string) => runCommand(['feeds', 'set', server.at('/notes'), pair]);

  beforeEach(async () => {
    await addFeeds([{ url: server.at('/notes') }]);
  });

  test.each([
    ['title=  ', /white space alone.*Give title=TEXT/su],
    [`title=${'a'.repeat(5_000)}`, /5000 characters; a source’s has at most 200/u],
    [`tags=Water,${'b'.repeat(300)}`, /“b{64}…” has 300 characters; a tag’s name has 1 to 64/u],
  ])('refuses %s, and says what is right', async (pair, why) => {
    const { end, stderr } = await set(pair);
    expect(end).toBe('code 1');
    expect(stderr).toMatch(why);
    expect(await listFeeds()).toMatchObject([{ titleOverride: null, feedTags: [] }]);
  });

  test('trims what it takes', async () => {
    await set('tags= Space , UPPER,,Space');
    await set('title= The   Pond ');
    expect(await listFeeds()).toMatchObject([
      { titleOverride: 'The Pond', feedTags: ['Space', 'UPPER'] },
    ]);
  });
});

describe('feeds import', () => {
  const OPML = `<opml version="2.0"><body><outline text="Water">
    <outline text="News" xmlUrl="https://news.invalid/feed"/>
    <outline text="Inside" xmlUrl="http://10.0.0.1/feed"/></outline></body></opml>`;

  test('takes the address of a list', async () => {
    server.serve('/list.opml', { body: OPML });
    const end = await runCommand(['feeds', 'import', server.at('/list.opml')]);
    expect(end.stdout).toMatch(/^refused +http:\/\/10\.0\.0\.1\/feed {2}/mu);
    expect(end.stdout).toMatch(/^added +https:\/\/news\.invalid\/feed$/mu);
    expect(end.stderr).toContain('2 feeds listed: 1 added, 0 already there, 1 refused');
    expect(await listFeeds()).toMatchObject([{ title: 'News', feedTags: ['Water'] }]);
  });

  test('says why a list cannot be had', async () => {
    server.serve('/huge', { body: ' '.repeat(5 * 1024 * 1024 + 1) });
    const words: [place: string, why: string][] = [
      [server.at('/nowhere'), 'cannot be fetched: it answers 404'],
      [server.at('/blog'), 'lists no feeds'],
      [server.at('/huge'), 'more than 5 MB'],
      ['http://10.0.0.1/list.opml', 'is not fetched: 10.0.0.1'],
    ];
    for (const [place, why] of words) {
      await expect(importList(place), place).rejects.toThrow(why);
    }
  });

  test('reads a file in the encoding that it declares', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-import-'));
    const file = path.join(folder, 'list.opml');
    const text = `<?xml version="1.0" encoding="iso-8859-1"?>${OPML.replace('Water', 'Gewässer')}`;
    fs.writeFileSync(file, Buffer.from(text, 'latin1'));
    await importList(file).finally(() => fs.rmSync(folder, { recursive: true }));
    expect(await listFeeds()).toMatchObject([{ title: 'News', feedTags: ['Gewässer'] }]);
  });

  test('leaves a list that the robots.txt of its host keeps for people', async () => {
    server.serve('/list.opml', { body: OPML });
    server.serve('/robots.txt', { body: 'User-agent: *\nDisallow: /list' });
    await expect(importList(server.at('/list.opml'))).rejects.toThrow('does not let us read');
    expect(server.requests.map((request) => request.path)).not.toContain('/list.opml');
  });
});

describe('feeds show', () => {
  test('has what was fetched, for programs', async () => {
    const [added] = await addFeeds([{ url: server.at('/notes') }]);
    await pollNow(added?.id ?? 0);
    // Without its scheme, as `feeds add` takes it.
    const typed = server.at('/notes').replace('http://', '');
    const { stdout } = await runCommand(['feeds', 'show', typed]);
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'Pond Notes',
      errorText: null,
      fetching: {
        polls: [{ status: 200, posts: 1 }],
        days: [{ polls: 1, wireBytes: NOTES.length }],
      },
    });
  });

  test('has it for people, with nothing in it that a terminal would take for a command', async () => {
    const [page] = await addFeeds([{ url: server.at('/blog') }]);
    await pollNow(page?.id ?? 0);
    const fetching = (await getFetching({ url: server.at('/blog') })) as FeedFetching;
    const known = (await getOwnership(fetching.slug)) as Ownership;
    const report = { faults: [{ word: '\u001b[0m', right: 'delay=2d' }], unmet: [] };
    const ownership = { ...known, report, seenAt: '2026-05-01T10:00:00Z', delayHours: 48 };
    const text = describeFeed({ ...fetching, etag: '"\u001b[31m"' }, null, ownership).join('\n');
    expect(text).toMatch(/^publisher +posts come 48 h after publication \(line seen 2026-05-01/mu);
    expect(text).toMatch(/^ +not understood: ".*"; right is delay=2d$/mu);
    expect(text).toMatch(/^state +active, failing$/mu);
    expect(text).toMatch(/^to choose +1 http.*\/news News\n +2 http.*\/notes Notes$/mu);
    expect(text).toMatch(/^last 30 days +\d requests?, 0 % not modified, \d+ B received/mu);
    expect(text).toMatch(/UTC +200 +\d+ B +\d+ ms +whole +a web page with several feeds$/mu);
    expect(text).not.toContain('\u001b');
  });
});

describe('feeds set full-text', () => {
  const set = (...pairs: string[]) =>
    runCommand(['feeds', 'set', server.at('/notes'), ...pairs]).then(({ stderr }) => stderr);

  test('says what it comes to, which is the publisher’s to say', async () => {
    const [notes] = await addFeeds([{ url: server.at('/notes') }]);
    expect(await set('full-text=on')).toContain(
      'full text on: the pages of its new posts are read where it gives excerpts',
    );
    await dbPool().query(`UPDATE feeds SET owner_display = 'excerpt' WHERE id = $1`, [notes?.id]);
    expect(await set('full-text=on')).toContain(
      'full text on: no page is read: its publisher asks for display=excerpt, which goes over this',
    );
    const fetching = (await getFetching({ url: server.at('/notes') })) as FeedFetching;
    const ownership = (await getOwnership(fetching.slug)) as Ownership;
    expect(describeFeed(fetching, null, ownership)).toContainEqual(
      expect.stringMatching(/^full text {5}on, but no page is read: its publisher asks/u),
    );
    expect(await set('full-text=off')).toContain('full text off: its pages are not read');
    expect(await set('full-text=yes')).toContain('"full-text=yes" cannot be set.');
    expect(await listFeeds()).toMatchObject([{ fullText: false }]);
  });
});
