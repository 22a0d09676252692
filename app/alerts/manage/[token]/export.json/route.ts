import { exportOwner } from '../../../../../lib/queries/alert-history.ts';
import { problem } from '../../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** All that is held of the owner of a private page, as a file. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const held = await exportOwner((await params).token);
  if (held === undefined) {
    return problem(404, 'No such page', 'Your page has another address by now, or is deleted.');
  }
  return new Response(`${JSON.stringify(held, null, 2)}\n`, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': 'attachment; filename="alerts.json"',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    },
  });
}
