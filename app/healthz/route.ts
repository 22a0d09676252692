import { connection } from 'next/server';

/** Live: this process answers. Nothing else is asked, so a sick database restarts nobody. */
export async function GET(): Promise<Response> {
  await connection();
  return Response.json({ status: 'ok' });
}
