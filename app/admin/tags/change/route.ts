import { changeTags, type TagWish } from '../../../../lib/commands/tags.ts';
import { fieldOf, formOf } from '../../../forms/alerts/answer.ts';
import { backToTags } from '../back.ts';

function wishOf(form: FormData): TagWish | undefined {
  const wish = fieldOf(form, 'wish');
  const reason = fieldOf(form, 'reason');
  switch (wish) {
    case 'alias':
    case 'merge':
      return { kind: wish, from: fieldOf(form, 'from'), into: fieldOf(form, 'into'), reason };
    case 'split':
    case 'hide':
    case 'show':
      return { kind: wish, name: fieldOf(form, 'name'), reason };
    default:
      return undefined;
  }
}

/** Does to tags what a form says. proxy.ts has asked for the password and the origin. */
export async function POST(request: Request): Promise<Response> {
  const wish = wishOf(await formOf(request));
  if (wish === undefined) return new Response(null, { status: 400 });
  return backToTags(await changeTags(wish));
}
