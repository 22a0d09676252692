import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../lib/config.ts';
import { closeReadThreads } from '../../lib/ingest/read-feed.ts';
import { useDatabase } from '../support/database.ts';
import { type SampleSite, startSampleSite } from '../support/polled-site.ts';
import { readPage } from '../support/read-page.ts';
import { type PageKind, SAMPLES_NOW, samplePages } from '../support/sample-pages.ts';

useDatabase();
const PASSWORD = 'correct horse battery';
const ADMIN = { authorization: `Basic ${btoa(`admin:${PASSWORD}`)}` };
/** The operator’s pages, each with a word of what it is about. */
const ADMIN_PAGES = {
  '/admin': 'Slow Query',
  '/admin/feeds': 'Slow Query',
  '/admin/tags': 'Merges that may be right',
  '/admin/alerts': 'Counts of all alerts',
};
const FEED_TYPES = {
  xml: 'application/rss+xml',
  atom: 'application/atom+xml',
  json: 'application/feed+json',
};
let site: SampleSite;
let pages: PageKind[];

beforeAll(async () => {
  site = await startSampleSite({ now: SAMPLES_NOW, settings: { ADMIN_PASSWORD: PASSWORD } });
  pages = await samplePages(site);
});
afterAll(async () => {
  await site.stop();
  await closeReadThreads();
});

/** Gathers what is wrong page by page, so that one run names them all. */
async function faultsOf(look: (kind: PageKind) => Promise<void>): Promise<string[]> {
  const faults: string[] = [];
  for (const kind of pages) {
    await look(kind).catch((error: Error) => faults.push(`${kind.path}: ${error.message}`));
  }
  return faults;
}

const read = async (path: string) => readPage(await (await site.get(path)).text());

describe('every page', () => {
  test('answers its status with one heading, a language and a title', async () => {
    const faults = await faultsOf(async ({ path, status, heading }) => {
      const answer = await site.get(path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const page = readPage(await answer.text());
      expect(page.headings).toEqual([expect.stringMatching(heading)]);
      expect(page.lang).toBe('en');
      expect(page.title).toContain('Tagwire');
    });
    expect(faults).toEqual([]);
  });

  test('names its canonical address, and lists their feeds', async () => {
    const faults = await faultsOf(async ({ path, canonical, feedOf, feedQuery = '' }) => {
      const { links } = await read(path);
      const href = canonical && new URL(canonical, site.url).href.replace(/(?<=:\d+)\/$/u, '');
      expect(links.canonical?.map((link) => link.href)).toEqual(href ? [href] : undefined);
      const feeds = (links.alternate ?? []).map((link) => [link.href, link.type]);
      const expected = Object.entries(FEED_TYPES).map(([format, type]) => [
        `${site.url}${feedOf}/feed.${format}${feedQuery}`,
        type,
      ]);
      expect(feeds).toEqual(feedOf === undefined ? [] : expected);
      for (const [feed = '', type] of feeds) {
        const answer = await site.get(feed.slice(site.url.length));
        expect([feed, answer.status]).toEqual([feed, 200]);
        expect(answer.headers.get('content-type')).toContain(type);
      }
    });
    expect(faults).toEqual([]);
  });

  test('has its own title', async () => {
    const titles = new Map<string, string>();
    for (const { path, canonical } of pages.filter((kind) => kind.status === 200)) {
      const { title } = await read(path);
      const place = canonical ?? path.replace(/\?.*$/u, '');
      expect([title, titles.get(title) ?? place]).toEqual([title, place]);
      titles.set(title, place);
    }
  });

  test('leads nowhere in vain', async () => {
    /** Of links that differ in names and numbers alone, so many are followed. */
    const ALIKE_MAX = 3;
    const shapeOf = ({ pathname, searchParams }: URL) =>
      `${pathname.replace(/(?<=^\/(tag|source|author|post|card)\/)[^/]+/u, '*').replace(/\d+/gu, '0')}?${[...searchParams.keys()]}`;
    const seen = new Map<string, string>();
    const shapes = new Map<string, number>();
    for (const { path } of pages) {
      const { hrefs } = await read(path);
      for (const href of hrefs.filter((each) => !each.startsWith('#'))) {
        const url = new URL(href, site.url + path);
        const address = url.pathname + url.search;
        if (url.origin !== site.url || seen.has(address)) continue;
        const alike = shapes.get(shapeOf(url)) ?? 0;
        shapes.set(shapeOf(url), alike + 1);
        if (alike < ALIKE_MAX) seen.set(address, path);
      }
    }
    expect(seen.size).toBeGreaterThan(100);
    const dead: string[] = [];
    for (const [href, from] of seen) {
      const { status } = await site.get(href);
      if (status !== 200) dead.push(`${href} (on ${from}): ${status}`);
    }
    expect(dead).toEqual([]);
  });
});

test('an address that is no text is the address of nothing', async () => {
  const noText = ['/%FF', '/tag/%FF', '/source/%FF', '/source/%FF/fetching', '/post/1/%C3'];
  // Postgres takes no character of zero.
  const noName = ['/tag/%00', '/source/a%00', '/tag/a%2Bb%7E%00', '/author/a/%1b'];
  for (const path of [...noText, ...noName]) {
    const answer = await site.get(path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(readPage(await answer.text()).headings).toEqual(['Nothing at this address']);
  }
});

describe('the operator’s pages', () => {
  test('answer to the password alone, and are kept by nobody', async () => {
    for (const [path, word] of Object.entries(ADMIN_PAGES)) {
      expect((await site.get(path)).status).toBe(401);
      const answer = await site.get(path, { headers: ADMIN });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toContain('no-store');
      const page = readPage(await answer.text());
      expect(page.headings).toHaveLength(1);
      expect(page.lang).toBe('en');
      expect(page.title).toMatch(/ – Tagwire$/u);
      expect(page.text).toContain(word);
    }
  });
});

test('every answer forbids what no page of ours does', async () => {
  const paths = [
    ...pages.map(({ path }) => path),
    ...Object.keys(ADMIN_PAGES),
    '/feed.xml',
    '/robots.txt',
  ];
  for (const path of paths) {
    const { headers } = await site.get(path, { headers: ADMIN });
    const policy = headers.get('content-security-policy') ?? '';
    const directives = Object.fromEntries(
      policy.split('; ').map((each) => {
        const [name = '', ...sources] = each.split(' ');
        return [name, sources];
      }),
    );
    expect([path, directives['default-src']]).toEqual([path, ["'none'"]]);
    expect([path, directives['frame-ancestors']]).toEqual([path, ["'none'"]]);
    expect(directives['script-src'] ?? ["'self'"]).toEqual(["'self'"]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin');
    expect(headers.get('permissions-policy')).toContain('geolocation=()');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
  }
});

test('every page is sent whole, without scripts but our own few files', async () => {
  for (const path of [...pages.map((page) => page.path), ...Object.keys(ADMIN_PAGES)]) {
    const html = await (await site.get(path, { headers: ADMIN })).text();
    // A part that comes late is put into its place by a script.
    expect([path, /<template id="B:|<!--\$\?-->/u.test(html)]).toEqual([path, false]);
    const scripts = [...html.matchAll(/<script[^>]*>/gu)].map(([tag]) => tag);
    for (const tag of scripts) {
      expect(tag).toMatch(
        /^<script (?:(?:type="module" )?src="\/[\w-]+\.js"|type="application\/ld\+json")/u,
      );
    }
    expect(html).not.toContain('/_next/static/chunks/turbopack');
  }
});

test('a full page of posts is light: markup and styles 60 KB, fonts 160 KB kept for ever, scripts 15 KB', async () => {
  // Twenty whole posts, as many as a page has.
  const home = '/';
  const answer = await site.get(home);
  const html = await answer.text();
  expect(readPage(html).posts.length).toBe(20);
  const sizeOf = async (address: string) => {
    const answer = await fetch(site.url + address, { headers: { 'accept-encoding': 'br' } });
    await answer.arrayBuffer();
    return { bytes: Number(answer.headers.get('content-length')), headers: answer.headers };
  };
  const named = (tag: RegExp) => [...html.matchAll(tag)].map(([, address = '']) => address);
  const sum = async (addresses: string[]) => {
    const sizes = await Promise.all([...new Set(addresses)].map(sizeOf));
    return sizes.reduce((total, { bytes }) => total + bytes, 0);
  };
  const styles = named(/<link rel="stylesheet" href="([^"]+)"/gu);
  expect(styles.length).toBeGreaterThan(0);
  expect(await sum([home, ...styles])).toBeLessThan(60 * 1024);
  const links = answer.headers.get('link') ?? '';
  const fonts = [...links.matchAll(/<([^>]+)>; rel=preload; as="font"/gu)].map(
    ([, font = '']) => font,
  );
  expect(fonts.length).toBe(2);
  const folder = path.join(ROOT, 'public/fonts');
  const all = fs.readdirSync(folder).filter((name) => name.endsWith('.woff2'));
  expect(all.length).toBe(4);
  const bytes = all.map((name) => fs.statSync(path.join(folder, name)).size);
  expect(bytes.reduce((total, each) => total + each, 0)).toBeLessThan(160 * 1024);
  for (const font of fonts) {
    const { headers } = await sizeOf(font);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  }
  const scripts = named(/<script (?:type="module" )?src="([^"]+)"/gu);
  const imports = ['/elements.js', '/muted.js']; // of /mute.js
  expect(await sum([...scripts, ...imports])).toBeLessThan(15 * 1024);
});
