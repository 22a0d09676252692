import { notFound } from 'next/navigation';
import { WITHDRAWN, Withdrawn } from './_withdrawn.tsx';
import { findPost } from './[slug]/_find-post.ts';

// The id of a post's entry in our feeds is its address without the title, which may change: whoever
// opens it is led to the post.

interface Props {
  params: Promise<{ id: string }>;
}

/** Nothing is prerendered at build time, which has no database. */
export const generateStaticParams = () => [{ id: 'none' }];

/** Leads on to the post; comes back only for one that was withdrawn. */
async function leadOn({ params }: Props): Promise<void> {
  const { id } = await params;
  const found = await findPost(Promise.resolve({ id, slug: '' }));
  if (found.kind !== 'withdrawn') notFound();
}

export async function generateMetadata(props: Props) {
  await leadOn(props);
  return WITHDRAWN;
}

export default async function PostByIdPage(props: Props) {
  await leadOn(props);
  return <Withdrawn />;
}
