import { acceptPush, answerIntent, type TooMany } from '../../../lib/commands/websub.ts';
import { unreachable } from '../../../lib/errors.ts';
import { networkOf } from '../../../lib/serve/client-address.ts';
import { plainAnswer } from '../../../lib/serve/plain-answer.ts';
import { readBody } from '../../../lib/serve/read-body.ts';
import { shared } from '../../../lib/serve/shared.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** As much as of a feed that we fetch ourselves. */
const PUSH_BYTES_MAX = 8 * 1024 * 1024;

const UNKNOWN = 'There is no such subscription, or nothing of the kind was asked for.\n';
const GONE = 'This subscription has ended for good. Please forget it.\n';

const tooMany = ({ retryAfterSeconds }: TooMany) =>
  plainAnswer(429, 'Too many requests from your network that mean nothing here.\n', {
    'retry-after': String(retryAfterSeconds),
  });

// lib/serve/front.ts has made this header one address that can be believed.
const networkFrom = (request: Request) => networkOf(request.headers.get('x-forwarded-for') ?? '');

/** A hub asks whether a subscription is meant, or says that it denies it (WebSub, section 5). */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const said = new URL(request.url).searchParams;
  const intent = {
    mode: said.get('hub.mode'),
    topic: said.get('hub.topic'),
    challenge: said.get('hub.challenge'),
    leaseSeconds: said.get('hub.lease_seconds'),
    reason: said.get('hub.reason'),
  };
  const outcome = await answerIntent(token, intent, networkFrom(request));
  switch (outcome.kind) {
    case 'confirmed':
      return plainAnswer(200, outcome.challenge);
    case 'unknown':
      return plainAnswer(404, UNKNOWN);
    case 'gone':
      return plainAnswer(410, GONE);
    case 'too-many':
      return tooMany(outcome);
    default:
      return unreachable(outcome);
  }
}

/**
 * A hub brings news (WebSub, section 7). A wrong signature is answered like a right one: the
 * Recommendation wants it acknowledged, and whoever guesses learns nothing.
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const push = {
    signature: request.headers.get('x-hub-signature'),
    contentType: request.headers.get('content-type'),
    read: () => readBody(request, PUSH_BYTES_MAX),
  };
  const outcome = await acceptPush(token, push, networkFrom(request));
  shared().counters.pushes[outcome.kind] += 1;
  switch (outcome.kind) {
    case 'kept':
    case 'ignored':
    case 'forged':
      return plainAnswer(202, '');
    case 'too-large':
      return plainAnswer(413, `At most ${PUSH_BYTES_MAX / 1024 / 1024} MB are taken at once.\n`);
    case 'unknown':
      return plainAnswer(404, UNKNOWN);
    case 'gone':
      return plainAnswer(410, GONE);
    case 'too-many':
      return tooMany(outcome);
    default:
      return unreachable(outcome);
  }
}
