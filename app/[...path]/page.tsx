import { notFound } from 'next/navigation';

/** Nothing is prerendered: an answer made at build time would bear another site's name. */
export const generateStaticParams = () => [{ path: ['none'] }];

/** Every address that no other page has. */
export default async function Nothing({ params }: { params: Promise<{ path: string[] }> }) {
  await params;
  notFound();
}
