import { askForAlert } from '../../../lib/commands/alerts.ts';
import { unreachable } from '../../../lib/errors.ts';
import { isCadence } from '../../../lib/model/alert.ts';
import { POLICY_CHARACTERS_MAX } from '../../../lib/model/policy/read-policy.ts';
import { networkOf } from '../../../lib/serve/client-address.ts';
import { ECHO_CHARACTERS_MAX, fieldOf, formOf, isEchoed, seeOther } from './answer.ts';

/** Takes the form of /alerts. The answer is the same whether the address is known or not. */
export async function POST(request: Request): Promise<Response> {
  const form = await formOf(request);
  const query = fieldOf(form, 'query');
  const cadence = fieldOf(form, 'cadence');
  const policy = fieldOf(form, 'policy').trim();
  const webhook = fieldOf(form, 'webhook').trim();
  const isLong = policy.length > POLICY_CHARACTERS_MAX;
  const isLost = isLong || !isEchoed(policy);
  const again = {
    query: query.slice(0, ECHO_CHARACTERS_MAX),
    cadence: isCadence(cadence) ? cadence : '',
    ...(policy === '' || isLost ? {} : { policy }),
    ...(webhook === '' ? {} : { webhook: webhook.slice(0, ECHO_CHARACTERS_MAX) }),
  };
  // A field that no person sees: whoever fills it in is a program that fills in everything.
  if (fieldOf(form, 'website') !== '') return seeOther('/alerts/asked');
  // lib/serve/front.ts has made this header one address that can be believed.
  const network = networkOf(request.headers.get('x-forwarded-for') ?? '');
  const email = fieldOf(form, 'email');
  const outcome = await askForAlert({ email, query, cadence, policy, webhook }, network);
  switch (outcome.kind) {
    case 'asked':
      return seeOther('/alerts/asked');
    case 'invalid':
      return seeOther('/alerts', {
        ...again,
        problem: outcome.field,
        ...(isLost ? { done: isLong ? 'long-policy' : 'lost-policy' } : {}),
      });
    case 'too-many':
      return seeOther('/alerts', { ...again, problem: 'too-many' });
    default:
      return unreachable(outcome);
  }
}
