import { connection } from 'next/server';
import { checkReadiness } from '../../lib/queries/health.ts';
import { shared } from '../../lib/serve/shared.ts';

/**
 * Ready: the database answers and every migration is applied. `?event=ID` asks whether this
 * process shows already what was written before that row of cache_events.
 */
export async function GET(request: Request): Promise<Response> {
  await connection();
  const event = new URL(request.url).searchParams.get('event');
  const { isReady, parts } = await checkReadiness();
  const status = isReady ? 200 : 503;
  const shows = event === null ? {} : { isShown: shared().appliedEvents.has(event) };
  return Response.json({ status: isReady ? 'ready' : 'not ready', ...parts, ...shows }, { status });
}
