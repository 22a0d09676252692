import { createHash } from 'node:crypto';
import { unreachable } from '../../../../lib/errors.ts';
import { log } from '../../../../lib/log.ts';
import { getPicture, isProxying } from '../../../../lib/pictures/get-picture.ts';
import { readPicturePath } from '../../../../lib/pictures/picture-address.ts';
import { shared } from '../../../../lib/serve/shared.ts';
import { problem } from '../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ mac: string; address: string }>;
}

/** A picture at an address hardly changes, and nobody waits for it when it does. */
const KEPT_SECONDS = 30 * 24 * 3600;
/** As long as a failure is remembered. */
const MISSING_SECONDS = 600;
const BUSY_SECONDS = 5;
/** An SVG is a document: nothing in it may run or be loaded, wherever it is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** A picture of a post, so that its publisher's server, or a third one, learns of no reader. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { mac, address } = await params;
  const url = readPicturePath(mac, address);
  const { pictures } = shared().counters;
  if (url === undefined || !isProxying()) {
    pictures.unknown += 1;
    return problem(404, 'No such picture', 'No page of this site has a picture at this address.');
  }
  const outcome = await getPicture(url);
  switch (outcome.kind) {
    case 'found': {
      pictures[outcome.from] += 1;
      // Of the picture, not of its address: another one may stand there one day.
      const hash = createHash('sha256').update(outcome.bytes).digest('hex').slice(0, 32);
      const etag = `"${hash}"`;
      const headers = {
        etag,
        'cache-control': `public, max-age=${KEPT_SECONDS}, immutable`,
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': POLICY,
        'x-robots-tag': 'noindex',
      };
      if (request.headers.get('if-none-match') === etag) {
        return new Response(null, { status: 304, headers });
      }
      return new Response(Buffer.from(outcome.bytes), {
        headers: {
          ...headers,
          'content-type': outcome.type,
          'content-length': String(outcome.bytes.length),
        },
      });
    }
    case 'missing': {
      pictures.missing += 1;
      // Why is for the operator: it may name addresses of our own network.
      if (outcome.isNew) log.info('pictures.missing', { url, why: outcome.why });
      const answer = problem(404, 'This picture cannot be shown', 'Its server does not give it.');
      answer.headers.set('cache-control', `public, max-age=${MISSING_SECONDS}`);
      return answer;
    }
    case 'busy': {
      pictures.busy += 1;
      const answer = problem(503, 'Too many pictures at once', 'Please come again in a moment.');
      answer.headers.set('retry-after', String(BUSY_SECONDS));
      return answer;
    }
    default:
      return unreachable(outcome);
  }
}
