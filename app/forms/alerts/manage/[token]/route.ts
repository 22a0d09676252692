import {
  changeByOwner,
  isOwnerRequest,
  setTimesByOwner,
} from '../../../../../lib/commands/alerts.ts';
import { fieldOf, formOf, seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** The forms of an owner's page: `change` says what, `alert` of which one. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const form = await formOf(request);
  const change = fieldOf(form, 'change');
  const alert = /^[1-9]\d{0,8}$/u.exec(fieldOf(form, 'alert'))?.[0];
  const here = `/alerts/manage/${encodeURIComponent(token)}`;
  if (change === 'times') {
    const times = { hour: fieldOf(form, 'hour'), zone: fieldOf(form, 'zone') };
    const outcome = await setTimesByOwner(token, times);
    return seeOther(
      here,
      outcome === undefined ? {} : { done: outcome === 'set' ? change : outcome },
    );
  }
  if (!isOwnerRequest(change)) return seeOther(here);
  const page = await changeByOwner(token, change, Number(alert ?? 0));
  if (page === undefined) return seeOther(here);
  if (change === 'forget') return seeOther('/alerts', { done: 'forgotten' });
  return seeOther(`/alerts/manage/${page}`, { done: change });
}
