import { changeTags } from '../../../../../../lib/commands/tags.ts';
import { fieldOf, formOf } from '../../../../../forms/alerts/answer.ts';
import { backToTags } from '../../../back.ts';

interface Context {
  params: Promise<{ id: string; decision: string }>;
}

/** Accepts or rejects a proposed merge. proxy.ts has asked for the password and the origin. */
export async function POST(request: Request, context: Context): Promise<Response> {
  const params = await context.params;
  const id = /^[1-9]\d{0,8}$/u.test(params.id) ? Number(params.id) : undefined;
  if (id === undefined) return new Response(null, { status: 404 });
  switch (params.decision) {
    case 'accept':
      return backToTags(await changeTags({ kind: 'accept', id }));
    case 'reject': {
      const reason = fieldOf(await formOf(request), 'reason');
      return backToTags(await changeTags({ kind: 'reject', id, reason }));
    }
    default:
      return new Response(null, { status: 404 });
  }
}
