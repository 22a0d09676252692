import { confirmByToken } from '../../../../../lib/commands/alerts.ts';
import { seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** The button of a confirmation: the alert begins, and its owner's page opens. */
export async function POST(_request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const page = await confirmByToken(token);
  if (page === undefined) return seeOther(`/alerts/confirm/${encodeURIComponent(token)}`);
  return seeOther(`/alerts/manage/${page}`, { done: 'confirmed' });
}
