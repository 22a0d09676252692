import { DomUtils, parseDocument } from 'htmlparser2';
import { beforeAll, describe, expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { slugOf } from '../../lib/model/slug.ts';
import { readUseWish } from '../../lib/model/use-wish.ts';
import { useDatabase } from '../support/database.ts';
import { makeFeed, makePost } from '../support/make.ts';
import { openSite } from '../support/open-site.ts';
import type { Site } from '../support/site.ts';

// What pages say to search engines, messengers and other programs.

useDatabase({ isOfSite: true });
let site: Site;
let path = '';
let freePath = '';
let linkPath = '';
let reservedPath = '';

const BAD_TITLE = '</script><script>alert(1)</script> & "quotes"';

async function setPost(id: number, column: string, value: string): Promise<void> {
  await dbPool().query(`UPDATE posts SET ${column} = $2 WHERE id = $1`, [id, value]);
}

beforeAll(async () => {
  const feedId = await makeFeed('Kernel & Friends');
  const sortAt = new Date('2026-05-10T00:00:00Z');
  const post = { feedId, url: 'https://a.example/numa', tags: ['NUMA'], text: 'Memory' };
  const id = await makePost({ ...post, title: BAD_TITLE, sortAt });
  const free = await makePost({ ...post, url: 'https://a.example/free', title: 'Free', sortAt });
  await setPost(free, 'licence_url', 'https://creativecommons.org/licenses/by-sa/4.0/');
  for (const day of [1, 2, 3, 4]) {
    const url = `https://a.example/april/${day}`;
    const at = new Date(Date.UTC(2024, 3, day));
    await makePost({ ...post, url, title: `April ${day}`, sortAt: at });
    await makePost({ ...post, url: `${url}/two`, title: `Also ${day}`, sortAt: at });
  }
  const linked = await makeFeed('Only Links');
  await dbPool().query(`UPDATE feeds SET display = 'link' WHERE id = $1`, [linked]);
  const only = await makePost({ ...post, feedId: linked, title: 'Linked', sortAt });
  const reserved = await makeFeed('Reserved');
  await dbPool().query(`UPDATE feeds SET use_wish = $2 WHERE id = $1`, [
    reserved,
    readUseWish({
      'x-robots-tag': 'noai\nGPTBot: nosnippet',
      'tdm-reservation': '1',
      'tdm-policy': 'https://a.example/terms?a=1&b=2',
      'content-usage': 'train-ai=n, search=y',
      'content-signal': 'ai-train=no',
    }),
  ]);
  const kept = await makePost({ feedId: reserved, title: 'Kept', sortAt });
  site = await openSite();
  path = `/post/${id}/${slugOf(BAD_TITLE)}`;
  freePath = `/post/${free}/free`;
  reservedPath = `/post/${kept}/kept`;
  linkPath = `/post/${only}/linked`;
});

async function readHead(address: string) {
  const dom = parseDocument(await (await site.get(address)).text());
  const metas = DomUtils.getElementsByTagName('meta', dom, true).map(({ attribs }) => attribs);
  const scripts = DomUtils.getElementsByTagName('script', dom, true);
  const data = scripts.filter(({ attribs }) => attribs.type === 'application/ld+json');
  return {
    meta: (name: string) =>
      metas.find((meta) => meta.property === name || meta.name === name)?.content,
    data: data.map((script) => JSON.parse(DomUtils.textContent(script))),
    scripts: scripts.map((script) => DomUtils.textContent(script)),
  };
}

describe('a post’s page', () => {
  test('says of what it is a copy, whose, and where', async () => {
    const { data, scripts } = await readHead(path);
    expect(data).toMatchObject([
      {
        '@context': 'https://schema.org',
        '@type': 'BlogPosting',
        headline: BAD_TITLE,
        url: site.url + path,
        isBasedOn: 'https://a.example/numa',
        isPartOf: { '@type': 'Blog', name: 'Kernel & Friends' },
        keywords: ['NUMA'],
      },
    ]);
    expect(scripts).not.toContain('alert(1)');
  });

  test('has a card for messengers', async () => {
    const { meta } = await readHead(path);
    expect(meta('og:type')).toBe('article');
    expect(meta('og:title')).toBe(BAD_TITLE);
    expect(meta('og:site_name')).toBe('Tagwire');
    expect(meta('og:url')).toBe(site.url + path);
    expect(meta('og:description')).toBe('Memory');
    expect(meta('article:tag')).toBe('NUMA');
  });

  test('is not for search engines, unless its licence lets anybody show it', async () => {
    expect((await readHead(path)).meta('robots')).toBe('noindex, follow');
    expect((await readHead(freePath)).meta('robots')).toBeUndefined();
  });

  test('repeats what its publisher says of use by robots, in its head and as headers', async () => {
    const { meta } = await readHead(reservedPath);
    expect(meta('robots')).toBe('noindex, follow, noai');
    expect(meta('gptbot')).toBe('noindex, follow, noai, nosnippet');
    const { headers } = await site.get(reservedPath);
    for (const [name, value] of [
      ['tdm-reservation', '1'],
      ['tdm-policy', 'https://a.example/terms?a=1&b=2'],
      ['content-usage', 'train-ai=n, search=y'],
      ['content-signal', 'ai-train=no'],
    ] as const) {
      expect([name, meta(name), headers.get(name)]).toEqual([name, value, value]);
    }
    const other = await site.get(path);
    expect(other.headers.get('tdm-reservation')).toBeNull();
    const told = await (await site.get('/source/reserved/publisher')).text();
    expect(told).toContain('<code>X-Robots-Tag: gptbot: nosnippet</code>');
  });

  test('says nothing of the text where only a link may be shown', async () => {
    const { meta, data } = await readHead(linkPath);
    expect(meta('description')).toBeUndefined();
    expect(meta('og:description')).toBeUndefined();
    expect(data[0]).not.toHaveProperty('abstract');
  });
});

describe('a list', () => {
  test('is a collection of its posts', async () => {
    const { data, meta } = await readHead('/tag/numa');
    expect(data).toMatchObject([
      { '@type': 'CollectionPage', name: 'Tag Archives: NUMA', url: `${site.url}/tag/numa` },
    ]);
    const items = data[0].mainEntity.itemListElement;
    expect(items).toHaveLength(11);
    expect(items[0]).toMatchObject({ position: 1, name: 'Linked', url: site.url + linkPath });
    expect(meta('og:title')).toBe('Tag Archives: NUMA');
    expect(meta('og:type')).toBe('website');
  });

  test('the first of them says how the site is searched', async () => {
    const { data } = await readHead('/');
    expect(data[0].isPartOf.potentialAction.target.urlTemplate).toBe(
      `${site.url}/search?q={search_term_string}`,
    );
  });
});

describe('the sitemap', () => {
  const read = async (address: string) => {
    const answer = await site.get(address);
    const text = await answer.text();
    return {
      status: answer.status,
      entries: [...text.matchAll(/<loc>(.*?)<\/loc>(?:<lastmod>(.*?)<\/lastmod>)?/gu)].map(
        ([, url, at]) => `${url?.replace(site.url, '')} ${at ?? ''}`.trim(),
      ),
    };
  };

  test('is an index of the lists and of each month that has posts', async () => {
    expect((await read('/sitemap.xml')).entries).toEqual([
      '/sitemap/lists.xml 2026-05-10T00:00:00.000Z',
      '/sitemap/2026-05.xml 2026-05-10T00:00:00.000Z',
      '/sitemap/2024-04.xml 2024-04-04T00:00:00.000Z',
    ]);
  });

  test('a month has its archive, and those of the tags that have some posts in it', async () => {
    expect((await read('/sitemap/2024-04.xml')).entries).toEqual([
      '/archive/2024/04 2024-04-04T00:00:00.000Z',
      '/tag/numa/2024/04 2024-04-04T00:00:00.000Z',
    ]);
    expect((await read('/sitemap/2026-05.xml')).entries).toEqual([
      '/archive/2026/05 2026-05-10T00:00:00.000Z',
    ]);
  });

  test.each(['/sitemap/2025-01.xml', '/sitemap/nothing.xml', '/sitemap/2024-04'])(
    '%s is none',
    async (address) => {
      expect((await read(address)).status).toBe(404);
    },
  );

  test('each address that it names is there', async () => {
    const files = (await read('/sitemap.xml')).entries.map((entry) => entry.split(' ')[0] ?? '');
    const pages = (await Promise.all(files.map(read))).flatMap(({ entries }) => entries);
    expect(pages.length).toBeGreaterThan(8);
    for (const page of pages) {
      const address = page.split(' ')[0] ?? '';
      expect([address, (await site.get(address)).status]).toEqual([address, 200]);
    }
  });
});

test('/.well-known/security.txt says whom to tell, until when', async () => {
  const text = await (await site.get('/.well-known/security.txt')).text();
  expect(text).toContain('Contact: mailto:ops@planet.example\n');
  expect(text).toContain(`Canonical: ${site.url}/.well-known/security.txt\n`);
  const expires = new Date(/^Expires: (.*)$/mu.exec(text)?.[1] ?? '').getTime() - Date.now();
  expect(expires / 86_400_000).toBeGreaterThan(80);
  expect(expires / 86_400_000).toBeLessThan(365);
});

test('a feed with a slash behind it, as WordPress has it, is one step away', async () => {
  for (const place of ['feed/', 'feed', 'rss/', 'feed/atom/']) {
    const answer = await site.get(`/tag/testing/${place}`, { redirect: 'manual' });
    const end = place.includes('atom') ? 'atom' : 'xml';
    expect([answer.status, answer.headers.get('location')]).toEqual([
      308,
      `/tag/testing/feed.${end}`,
    ]);
  }
});

test.each(['/feed.xml', '/robots.txt', '/opensearch.xml', '/sitemap.xml', '/tag/testing'])(
  '%s varies by nothing but how it is compressed',
  async (path) => {
    const answer = await site.get(path);
    const vary = (answer.headers.get('vary') ?? '').split(/, ?/u).filter(Boolean);
    expect(['accept-encoding', 'sec-fetch-dest']).toEqual(expect.arrayContaining(vary));
  },
);

test('every page names an icon, and browsers that ask for one by themselves get it', async () => {
  const html = await (await site.get('/')).text();
  expect(html).toContain('href="/favicon.svg"');
  const icon = await site.get('/favicon.ico');
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/x-icon']);
});
