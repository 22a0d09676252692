import { acceptMailReport } from '../../../../lib/commands/mail-reports.ts';
import { unreachable } from '../../../../lib/errors.ts';
import { networkOf } from '../../../../lib/serve/client-address.ts';
import { readBody } from '../../../../lib/serve/read-body.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** A report has our mail in it, which has 20 posts at most. */
const REPORT_BYTES_MAX = 1024 * 1024;

function answer(status: number, words: string, headers: Record<string, string> = {}): Response {
  return new Response(words, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
  });
}

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
      return answer(202, '');
    case 'empty':
      return answer(400, 'Send the raw mail as the body of the request.\n');
    case 'too-large':
      return answer(413, `At most ${REPORT_BYTES_MAX / 1024 / 1024} MB are taken at once.\n`);
    case 'unknown':
      return answer(404, 'There is nothing at this address.\n');
    case 'busy':
      return answer(503, 'Too many reports wait to be read. Send it again later.\n', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
    case 'too-many':
      return answer(429, 'Too many requests from your network that mean nothing here.\n', {
        'retry-after': String(outcome.retryAfterSeconds),
      });
    default:
      return unreachable(outcome);
  }
}
