import { notFound, permanentRedirect } from 'next/navigation';
import type { PostView } from '../../../../lib/model/post.ts';
import { postPath } from '../../../_components/post.tsx';
import { readPost } from '../../../_data/pages.ts';

export type PostParameters = Promise<{ id: string; slug: string }>;

/** Larger numbers are no ids: Postgres would refuse them. */
const ID_MAX = 2 ** 31 - 1;

/** Another post has taken its place; that one's address, or nothing when it is gone as well. */
async function leadOn(id: number, page: string): Promise<never> {
  const found = await readPost(id);
  if (found.kind === 'post') permanentRedirect(encodeURI(postPath(found.post) + page));
  notFound();
}

/**
 * The post of an address, for its page and those below it (`page`, like `/changes`). Leads on to
 * the address that it has now; answers 404 where there is none.
 */
export async function findPost(
  params: PostParameters,
  page = '',
): Promise<{ kind: 'post'; post: PostView } | { kind: 'withdrawn' }> {
  const { id, slug } = await params;
  const number = Number(id);
  if (!/^[1-9]\d{0,9}$/u.test(id) || number > ID_MAX) notFound();
  const found = await readPost(number);
  if (found.kind === 'none') notFound();
  if (found.kind === 'merged') return leadOn(found.into, page);
  if (found.kind === 'withdrawn') return found;
  let given = '';
  try {
    given = decodeURIComponent(slug);
  } catch {
    notFound();
  }
  // One address for one post: an old title's leads to today's.
  if (given !== found.post.slug) permanentRedirect(encodeURI(postPath(found.post) + page));
  return found;
}
