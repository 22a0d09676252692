import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { writeOpml } from '../../lib/syndicate/opml.ts';
import { readFollowed } from '../_data/pages.ts';

/** The feeds that this site reads, for a reader of your own. */
export async function GET(): Promise<Response> {
  await connection();
  const followed = await readFollowed();
  const feeds = followed.map(({ title, url, siteUrl }) => ({
    title,
    url,
    ...(siteUrl === null ? {} : { siteUrl }),
    tags: [],
  }));
  // As old as the newest of its feeds, so that the same list is the same bytes.
  const newest = Math.max(0, ...followed.map(({ since }) => Date.parse(since)));
  return new Response(writeOpml(config().siteTitle, feeds, new Date(newest)), {
    headers: {
      'content-type': 'text/x-opml; charset=utf-8',
      'cache-control': 'public, max-age=0, must-revalidate',
      'content-disposition': 'inline; filename="sources.opml"',
      'access-control-allow-origin': '*',
    },
  });
}
