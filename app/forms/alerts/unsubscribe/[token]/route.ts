import { changeByToken } from '../../../../../lib/commands/alerts.ts';
import { fieldOf, formOf, plainAnswer, seeOther } from '../../answer.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/**
 * Stops an alert: from the page's button, or from a mailbox in one click (RFC 8058), which comes
 * without a browser's headers and wants a plain answer. `change=again` starts it again.
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const form = await formOf(request);
  const isAgain = fieldOf(form, 'change') === 'again';
  const isKnown = await changeByToken(token, isAgain ? 'active' : 'ended');
  if (fieldOf(form, 'List-Unsubscribe') === 'One-Click') {
    return isKnown
      ? plainAnswer(200, 'The alert is stopped. No further mail comes from it.')
      : plainAnswer(404, 'There is no alert of this link any more, so no mail comes from it.');
  }
  return seeOther(`/alerts/unsubscribe/${encodeURIComponent(token)}`);
}
