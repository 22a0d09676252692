import { setNeverByToken } from '../../../../../lib/commands/alerts.ts';
import { fieldOf, formOf, seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** An address is never to be asked again (`change=never`), or may be (`change=lift`). */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const change = fieldOf(await formOf(request), 'change');
  if (change === 'never' || change === 'lift') await setNeverByToken(token, change === 'never');
  return seeOther(`/alerts/never/${encodeURIComponent(token)}`);
}
