import { expect } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import type { MarkedText } from '../../lib/model/marked-text.ts';
import type { SearchQuery } from '../../lib/model/search.ts';
import { searchPosts } from '../../lib/queries/search.ts';
import { indexPosts } from '../../workers/jobs/index-posts.ts';
import { makeFeed, makePost } from './make.ts';

export const plain = (marked: MarkedText) => marked.map((piece) => piece.text).join('');

/** The marked pieces of a text. */
export const matches = (marked: MarkedText) =>
  marked.flatMap((piece) => (piece.isMatch ? [piece.text] : []));

/** What a search found. @throws when it is not answered. */
export async function find(query: SearchQuery | string) {
  const found = await searchPosts(typeof query === 'string' ? { q: query } : query);
  if (found.kind !== 'found') throw new Error(`search is ${found.kind}`);
  return found;
}

export const titles = async (query: SearchQuery | string) =>
  (await find(query)).hits.map((hit) => plain(hit.title));

/** Three posts of two sources, in an index of this file alone. */
export async function indexThreePosts(): Promise<void> {
  provideSettings({ MEILI_INDEX: `search-${crypto.randomUUID()}` });
  const storage = await makeFeed('Storage Notes');
  const kernel = await makeFeed('Kernel Week');
  await makePost({
    feedId: storage,
    title: 'Confused about the hybrid cloud?',
    text: 'A hybrid cloud joins a private cloud with a public one.',
    tags: ['Architecture', 'Cloud'],
    sortAt: new Date('2026-05-01T08:00:00Z'),
  });
  await makePost({
    feedId: kernel,
    title: 'Rethinking NUMA',
    text: 'Memory is near or far. <script>alert(1)</script> is only text here.',
    tags: ['Architecture', 'Kernel'],
    sortAt: new Date('2026-05-10T08:00:00Z'),
  });
  await makePost({
    feedId: kernel,
    title: 'Release notes',
    text: 'The far memory patches were merged.',
    tags: ['Kernel'],
    sortAt: new Date('2026-05-20T08:00:00Z'),
  });
  expect(await indexPosts()).toBe(3);
}
