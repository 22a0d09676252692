import { setQuietByToken } from '../../../../../lib/commands/alerts.ts';
import { fieldOf, formOf, plainAnswer, seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/**
 * Ends mails of quiet alerts: from the page's button, or from a mailbox in one click (RFC 8058).
 * `change=again` has them sent again.
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const form = await formOf(request);
  const isKnown = await setQuietByToken(token, fieldOf(form, 'change') === 'again');
  if (fieldOf(form, 'List-Unsubscribe') === 'One-Click') {
    return isKnown
      ? plainAnswer(200, 'No further mail of quiet alerts comes. The alerts watch all the same.')
      : plainAnswer(404, 'There is nobody of this link any more, so no mail comes.');
  }
  return seeOther(`/alerts/quiet/${encodeURIComponent(token)}`);
}
