import { makeFeed, makePost } from './make.ts';

/** With what is hard on its way into feeds and addresses: `&`, `+`, another script. */
export const KERNEL_POSTS = [
  {
    title: 'NUMA for the rest of us',
    url: 'https://a.example/numa?a=1&b=2',
    tags: ['NUMA', 'C++'],
  },
  { title: 'Ядро & память', url: 'https://a.example/%D1%8F', tags: ['NUMA', 'Ядро'] },
];

/** Stores them, newest first by a day each, from one source. @returns its feed's id. */
export async function makeKernelPosts(): Promise<number> {
  const feedId = await makeFeed('Kernel & Friends');
  for (const [day, wish] of KERNEL_POSTS.entries()) {
    const sortAt = new Date(Date.UTC(2026, 4, 10 - day));
    await makePost({ feedId, ...wish, html: `<p>${wish.tags.join(' ')} &amp; more</p>`, sortAt });
  }
  return feedId;
}
