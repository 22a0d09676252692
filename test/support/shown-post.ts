import type { PostView } from '../../lib/model/post.ts';

/** A post as lists, feeds and the API read it, with `changes`. */
export const shownPost = (changes: Partial<PostView> = {}): PostView => ({
  id: 7,
  slug: 'numa-for-the-rest-of-us',
  title: 'NUMA for the rest of us',
  url: 'https://kernel.example/numa?a=1&b=2',
  canonicalUrl: 'https://kernel.example/numa?a=1&b=2',
  byline: 'Ada Sample and Bob Sample',
  authors: [
    { name: 'Ada Sample', slug: 'ada-sample' },
    { name: 'Bob Sample', slug: 'bob-sample' },
  ],
  source: {
    slug: 'kernel',
    title: 'Kernel & Friends',
    siteUrl: 'https://kernel.example/',
    feedUrl: 'https://kernel.example/feed.xml',
  },
  alsoIn: [],
  tags: [
    { slug: 'numa', name: 'NUMA' },
    { slug: 'c-plus-plus', name: 'C++' },
  ],
  publishedAt: '2018-06-03T18:20:00.000Z',
  updatedAt: null,
  sortAt: '2018-06-03T18:20:00.000Z',
  firstSeenAt: '2018-06-03T18:25:00.000Z',
  changedAt: '2018-06-04T09:00:00.000Z',
  language: 'en',
  bodyHtml: '<p>Memory &amp; nodes: <code>]]&gt;</code> a ]]> b</p>',
  shownHtml: null,
  summaryText: 'Memory & nodes: 1 < 2',
  wordCount: 4,
  enclosures: [{ url: 'https://kernel.example/a.mp3', type: 'audio/mpeg', length: 12 }],
  pictureUrl: null,
  commentsUrl: null,
  licence: null,
  version: 1,
  formerTitle: null,
  display: 'full',
  ...changes,
});
