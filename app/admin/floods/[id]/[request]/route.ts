import { decideFlood, FLOOD_REQUESTS } from '../../../../../lib/commands/floods.ts';

interface Context {
  params: Promise<{ id: string; request: string }>;
}

/** Releases or drops the posts of a flood. proxy.ts has asked for the password and the origin. */
export async function POST(_request: Request, context: Context): Promise<Response> {
  const params = await context.params;
  const request = FLOOD_REQUESTS.find((each) => each === params.request);
  const id = /^[1-9]\d{0,8}$/u.test(params.id) ? Number(params.id) : undefined;
  if (request === undefined || id === undefined) return new Response(null, { status: 404 });
  await decideFlood(id, request);
  // Whoever sends it twice sees the same page: it is decided.
  return new Response(null, { status: 303, headers: { location: '/admin#floods' } });
}
