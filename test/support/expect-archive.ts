import { expect } from 'vitest';
import { readFeed } from '../../lib/ingest/read-feed.ts';
import { readPage } from './read-page.ts';
import type { Site } from './site.ts';

/** A post of an archive, as its feed gave it. */
export interface Expected {
  title: string;
  author: string;
  url: string;
}

/** Expects a tag's page to show exactly these posts, in this order. */
export async function expectArchive(site: Site, slug: string, name: string, posts: Expected[]) {
  const answer = await site.get(`/tag/${encodeURIComponent(slug)}`);
  expect(answer.status).toBe(200);
  const page = readPage(await answer.text());
  expect(page.headings).toEqual([`Tag Archives: ${name}`]);
  expect(page.posts.map(({ title }) => title)).toEqual(posts.map(({ title }) => title));
  expect(page.posts.map(({ byline }) => byline)).toEqual(
    posts.map(({ author, url }) => `Post Syndicated from ${author} original ${url}`),
  );
  expect(page.posts.map(({ original }) => original)).toEqual(posts.map(({ url }) => url));
}

/** Expects a tag's RSS feed to hold exactly these posts, in this order. */
export async function expectFeed(site: Site, slug: string, posts: Expected[]) {
  const url = `/tag/${encodeURIComponent(slug)}/feed.xml`;
  const answer = await site.get(url);
  const contentType = answer.headers.get('content-type') ?? '';
  expect(contentType).toBe('application/rss+xml; charset=utf-8');
  const read = await readFeed(new Uint8Array(await answer.arrayBuffer()), {
    url: site.url + url,
    contentType,
    now: new Date(),
  });
  if (read.kind !== 'read') throw new Error(read.message);
  expect(read.drafts.map(({ title }) => title)).toEqual(posts.map(({ title }) => title));
  expect(read.drafts.map((draft) => draft.url)).toEqual(posts.map((post) => post.url));
  expect(read.drafts.map(({ byline }) => byline)).toEqual(posts.map(({ author }) => author));
}

/** Searches as a reader would. */
export async function search(site: Site, q: string) {
  const answer = await site.get(`/search?q=${encodeURIComponent(q)}`);
  expect(answer.status).toBe(200);
  return readPage(await answer.text());
}
