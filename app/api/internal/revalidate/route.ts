import { revalidateTag } from 'next/cache';
import { isFromThisProcess } from '../../../../lib/serve/own-calls.ts';

/** Lets cache tags expire in this process. lib/serve/front.ts keeps everybody else out. */
export async function POST(request: Request): Promise<Response> {
  if (!isFromThisProcess(request.headers)) return new Response(null, { status: 404 });
  const tags: unknown = await request.json();
  if (!Array.isArray(tags)) return new Response(null, { status: 400 });
  for (const tag of tags) revalidateTag(String(tag), { expire: 0 });
  return new Response(null, { status: 204 });
}
