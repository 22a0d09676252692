import { beforeAll, describe, expect, test } from 'vitest';
import { tagTag } from '../../lib/cache-tags.ts';
import { changeTags } from '../../lib/commands/tags.ts';
import { dbPool, transaction } from '../../lib/db.ts';
import { writeCacheEvents } from '../../lib/store/cache-events.ts';
import { retagPosts } from '../../workers/jobs/retag-posts.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import { readPage } from '../support/read-page.ts';
import type { Site } from '../support/site.ts';

useDatabase({ isOfSite: true });
let site: Site;
let feedId: number;

const at = (month: number, day: number) => new Date(Date.UTC(2018, month - 1, day, 12));

beforeAll(async () => {
  feedId = await makeFeed('Clouds');
  const make = (title: string, tags: string[], sortAt: Date) =>
    makePost({ feedId, title, tags, sortAt });
  await make('Keys', ['AWS', 'Security'], at(6, 3));
  await make('Watch us', ['AWS', 'Security', 'Webinar'], at(6, 2));
  await make('Buckets', ['AWS', 'Amazon S3'], at(6, 1));
  await make('Locks', ['AWS', 'Security', 'C++'], at(5, 1));
  await make('Сети', ['Security', 'Сети'], at(4, 1));
  await dbPool().query(`
    WITH ada AS (INSERT INTO authors (feed_id, key, name, slug)
                 SELECT min(id), 'ada', 'Ada', 'ada' FROM feeds RETURNING id)
    INSERT INTO post_authors (post_id, author_id, position, sort_at)
    SELECT p.id, ada.id, 0, p.sort_at FROM posts p, ada`);
  for (let n = 1; n <= 24; n++) await make(`Old ${n}`, ['AWS', 'History'], at(1, n));
  site = await openSite();
});

const read = async (path: string) => readPage(await (await site.get(path)).text());
const titles = async (path: string) => (await read(path)).posts.map(({ title }) => title);
const placeOf = (answer: Response) => {
  const { pathname, search } = new URL(answer.headers.get('location') ?? '', site.url);
  return pathname + search;
};

describe('the list of several tags', () => {
  test('has the posts that bear all that are wanted and none that is not', async () => {
    expect(await titles('/tag/aws+security')).toEqual(['Keys', 'Watch us', 'Locks']);
    expect(await titles('/tag/aws+security~webinar')).toEqual(['Keys', 'Locks']);
    expect(await titles('/tag/security~aws')).toEqual(['Сети']);
    expect(await titles('/tag/aws+c-plus-plus+security')).toEqual(['Locks']);
    expect(await titles(`/tag/security+${encodeURIComponent('сети')}`)).toEqual(['Сети']);
  });

  test('says what it is, is for no search engine, and names its feeds', async () => {
    const answer = await site.get('/tag/aws+security~webinar');
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain('<meta name="robots" content="noindex, follow"/>');
    const page = readPage(html);
    expect(page.headings).toEqual(['Tag Archives: AWS and Security, not Webinar']);
    expect(page.title).toBe('Tag Archives: AWS and Security, not Webinar – Tagwire');
    expect(page.links.canonical?.[0]?.href).toBe(`${site.url}/tag/aws+security~webinar`);
    expect(page.links.alternate?.map(({ href }) => href)).toEqual(
      ['xml', 'atom', 'json'].map(
        (format) => `${site.url}/tag/aws+security~webinar/feed.${format}`,
      ),
    );
    expect(page.railLinks['Get an alert for this']).toBe(
      '/alerts?query=tag%3Aaws+tag%3Asecurity+-tag%3Awebinar',
    );
  });

  test('can be changed a tag at a time, from a tag’s page on', async () => {
    const ofTag = await read('/tag/aws');
    expect(ofTag.hrefs).toContain('/tag/aws+security');
    expect(ofTag.hrefs).toContain('/tag/aws~security');
    const { hrefs } = await read('/tag/aws+security~webinar');
    for (const path of ['/tag/aws+security', '/tag/aws~webinar', '/tag/security~webinar']) {
      expect(hrefs).toContain(path);
    }
    expect(hrefs).toContain('/tag/aws+c-plus-plus+security~webinar');
    expect((await read('/tag/security~aws')).hrefs).not.toContain('/tag/');
  });

  test('has pages, densities and months', async () => {
    const first = await read('/tag/aws+history');
    expect(first.posts).toHaveLength(20);
    const older = first.hrefs.find((href) => href.startsWith('/tag/aws+history?before=')) ?? '';
    expect(await titles(older)).toEqual(['Old 4', 'Old 3', 'Old 2', 'Old 1']);
    const headlines = await read('/tag/aws+history?view=headlines');
    expect(headlines.hrefs).toContain(`${older}&view=headlines`);
    const june = await read('/tag/aws+security/2018/06');
    expect(june.headings).toEqual(['Tag Archives: AWS and Security, June 2018']);
    expect(june.posts.map(({ title }) => title)).toEqual(['Keys', 'Watch us']);
    expect((await site.get('/tag/aws+security/2018/01')).status).toBe(404);
  });

  test('says so when no post is in it', async () => {
    const answer = await site.get('/tag/history+security');
    expect(answer.status).toBe(200);
    const { text } = readPage(await answer.text());
    expect(text).toContain('No posts here are tagged History and Security. Drop a tag');
  });

  test.each([
    ['/tag/security+aws', '/tag/aws+security'],
    ['/tag/aws~webinar+security', '/tag/aws+security~webinar'],
    ['/tag/aws+aws+security', '/tag/aws+security'],
    ['/tag/aws+aws', '/tag/aws'],
    ['/tag/security+aws/2018/06', '/tag/aws+security/2018/06'],
    ['/tag/security+aws?view=headlines', '/tag/aws+security?view=headlines'],
    ['/tag/security+aws/feed.xml', '/tag/aws+security/feed.xml'],
    ['/tag/security+aws/2018/06/feed.json', '/tag/aws+security/2018/06/feed.json'],
  ])('has one address: %s leads to %s', async (given, settled) => {
    const answer = await site.get(given);
    expect(answer.status).toBe(308);
    expect(placeOf(answer)).toBe(settled);
    expect((await site.get(settled)).status).toBe(200);
  });

  test.each(['/tag/aws+nothing', '/tag/aws~nothing', '/tag/~aws', '/tag/aws+', '/tag/aws+s3~aws'])(
    'is none where a tag is unknown or wanted and unwanted: %s',
    async (path) => {
      expect((await site.get(path)).status).toBe(404);
      expect((await site.get(`${path}/feed.xml`)).status).toBe(404);
    },
  );

  test('is made of six tags at most', async () => {
    const answer = await site.get('/tag/a+b+c+d~e~f~g');
    expect(answer.status).toBe(400);
    const { headings, text } = readPage(await answer.text());
    expect(headings).toEqual(['Too many tags at once']);
    expect(text).toContain('at most 6 tags');
    const feed = await site.get('/tag/a+b+c+d~e~f~g/feed.xml');
    expect(feed.status).toBe(400);
    expect(feed.headers.get('content-type')).toBe('application/problem+json');
  });
});

test('a tag’s page says how it is used, and by whom', async () => {
  const { text, hrefs } = await read('/tag/security');
  expect(text).toContain('4 posts from 1 source; first used on 1 Apr 2018, last on 3 Jun 2018.');
  expect(text).toContain('All 3 monthsMonthPostsJune 20182May 20181April 20181');
  expect(text).toContain('By');
  expect(hrefs).toContain('/author/ada');
  expect((await read('/tag/webinar')).text).toContain('1 post from 1 source on 2 Jun 2018.');
});

test('its feeds have the same posts, and name no hub that is told nothing of them', async () => {
  const rss = await site.get('/tag/aws+security~webinar/feed.xml');
  expect(rss.headers.get('content-type')).toContain('application/rss+xml');
  expect(rss.headers.get('link')).toBeNull();
  expect((await site.get('/tag/aws/feed.xml')).headers.get('link')).toContain('rel="hub"');
  expect(await rss.text()).toContain(`${site.url}/tag/aws+security~webinar`);
  const atom = await site.get('/tag/aws+security~webinar/feed.atom');
  expect(atom.headers.get('content-type')).toContain('application/atom+xml');
  const json = await site.get('/tag/aws+security~webinar/feed.json');
  const feed = (await json.json()) as { title: string; items: { title: string }[] };
  expect(feed.title).toBe('AWS and Security, not Webinar – Tagwire');
  expect(feed.items.map(({ title }) => title)).toEqual(['Keys', 'Locks']);
});

test('it is kept, and is new when any of its tags is', async () => {
  const path = '/tag/aws+security~webinar';
  const kept = async () => {
    const answer = await site.get(path);
    await answer.text();
    return answer.headers.get('x-tagwire-cache');
  };
  for (const [i, tag] of ['aws', 'security', 'webinar'].entries()) {
    await expect.poll(kept).toBe('HIT');
    await makePost({
      feedId,
      title: `New ${tag}`,
      tags: ['AWS', 'Security'],
      sortAt: at(7, i + 1),
    });
    await transaction((tx) => writeCacheEvents(tx, [tagTag(tag)]));
    await expect.poll(async () => (await titles(path))[0]).toBe(`New ${tag}`);
  }
});

test('a tag that is merged or hidden takes the list with it', async () => {
  await changeTags({ kind: 'merge', from: 'security', into: 'amazon-s3' });
  await retagPosts();
  await expect.poll(async () => (await site.get('/tag/aws+security')).status).toBe(308);
  expect(placeOf(await site.get('/tag/aws+security'))).toBe('/tag/amazon-s3+aws');
  expect(placeOf(await site.get('/tag/amazon-s3+security'))).toBe('/tag/amazon-s3');
  await changeTags({ kind: 'hide', name: 'webinar' });
  await expect.poll(async () => (await site.get('/tag/aws~webinar')).status).toBe(404);
});

test('a post that was withdrawn leaves no gap and does not end the list', async () => {
  await dbPool().query(`UPDATE posts SET withdrawn_at = now() WHERE title = 'Old 20'`);
  await transaction((tx) => writeCacheEvents(tx, [tagTag('history')]));
  for (const path of ['/tag/history', '/tag/aws+history']) {
    await expect.poll(() => titles(path)).not.toContain('Old 20');
    expect(await titles(path)).toHaveLength(20);
    expect((await read(path)).text).toContain('Older posts');
  }
});
