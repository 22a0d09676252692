import { connection } from 'next/server';
import { checkReadiness } from '../../lib/queries/health.ts';

/** Ready: the database answers and every migration is applied. */
export async function GET(): Promise<Response> {
  await connection();
  const { isReady, parts } = await checkReadiness();
  const status = isReady ? 200 : 503;
  return Response.json({ status: isReady ? 'ready' : 'not ready', ...parts }, { status });
}
