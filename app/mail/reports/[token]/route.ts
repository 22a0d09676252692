import { acceptMailReport } from '../../../../lib/commands/mail-reports.ts';
import { unreachable } from '../../../../lib/errors.ts';
import { networkOf } from '../../../../lib/serve/client-address.ts';
import { plainAnswer } from '../../../../lib/serve/plain-answer.ts';
import { readBody } from '../../../../lib/serve/read-body.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** A report has our mail in it, which has 20 posts at most. */
const REPORT_BYTES_MAX = 1024 * 1024;

/**
 * A mail server brings a bounce (RFC 3464) or a complaint (RFC 5965) as the raw mail. The address is
 * the key; `bin/tagwire suppressions address` prints it.
 */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { token } = await params;
  const network = networkOf(request.headers.get('x-forwarded-for') ?? '');
  const read = () => readBody(request, REPORT_BYTES_MAX);
  const outcome = await acceptMailReport(token, read, network);
  switch (outcome.kind) {
    case 'kept':
      return plainAnswer(202, '');
    case 'empty':
      return plainAnswer(400, 'Send the raw mail as the body of the request.\n');
    case 'too-large':
      return plainAnswer(413, `At most ${REPORT_BYTES_MAX / 1024 / 1024} MB are taken at once.\n`);
    case 'unknown':
      return plainAnswer(404, 'There is nothing at this address.\n');
    case 'busy':
      return plainAnswer(503, 'Too many reports wait to be read. Send it again later.\n', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
    case 'too-many':
      return plainAnswer(429, 'Too many requests from your network that mean nothing here.\n', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
    default:
      return unreachable(outcome);
  }
}
