import { changeFeed, FEED_REQUESTS } from '../../../../../lib/commands/feeds.ts';
import { backToFeeds } from '../../back.ts';

interface Context {
  params: Promise<{ id: string; request: string }>;
}

/** Pauses, resumes, polls or removes one feed. proxy.ts has asked for the password and the origin. */
export async function POST(_request: Request, context: Context): Promise<Response> {
  const params = await context.params;
  const request = FEED_REQUESTS.find((each) => each === params.request);
  const id = /^\d{1,9}$/u.test(params.id) ? Number(params.id) : undefined;
  if (request === undefined || id === undefined) return new Response(null, { status: 404 });
  const isKnown = await changeFeed(id, request);
  return backToFeeds(isKnown ? request : 'unknown');
}
