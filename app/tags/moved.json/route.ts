import { connection } from 'next/server';
import { readMovedTags } from '../../_data/pages.ts';

/**
 * Where tags that are no more have gone: `{"old-slug": "slug"}`, all of them, so that whoever keeps
 * slugs (a reader's browser those that are muted) need not say which.
 */
export async function GET(): Promise<Response> {
  await connection();
  return Response.json(await readMovedTags(), {
    headers: {
      'cache-control': 'public, max-age=0, must-revalidate',
      'access-control-allow-origin': '*',
    },
  });
}
