import { notePictureSize } from '../../../../lib/commands/picture-sizes.ts';
import { unreachable } from '../../../../lib/errors.ts';
import { log } from '../../../../lib/log.ts';
import { getPicture, isProxying } from '../../../../lib/pictures/get-picture.ts';
import { readPicturePath } from '../../../../lib/pictures/picture-address.ts';
import { pictureKey } from '../../../../lib/pictures/picture-cache.ts';
import type { OpenPicture } from '../../../../lib/pictures/picture-file.ts';
import { readRange } from '../../../../lib/serve/byte-range.ts';
import { matchesEtag } from '../../../../lib/serve/encoding.ts';
import { shared } from '../../../../lib/serve/shared.ts';
import { LENGTH_HEADER } from '../../../../lib/serve/stream-length.ts';
import { problem } from '../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ mac: string; address: string }>;
}

/** A picture at an address hardly changes, and nobody waits for it when it does. */
const KEPT_SECONDS = 30 * 24 * 3600;
/** As long as a failure is remembered. */
const MISSING_SECONDS = 600;
const BUSY_SECONDS = 5;
/** Whatever stands at these addresses. An SVG is a document: nothing in it may run or be loaded. */
const GUARDED = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex',
};

function refuse(status: number, title: string, detail: string, more: Record<string, string>) {
  const answer = problem(status, title, detail);
  for (const [name, value] of Object.entries({ ...GUARDED, ...more })) {
    answer.headers.set(name, value);
  }
  return answer;
}

/** What a reader has of it already decides first, then which part is wanted (RFC 9110, 13.2.2). */
async function answerPicture(request: Request, picture: OpenPicture): Promise<Response> {
  const { type, bytes, hash } = picture.facts;
  // Of the picture, not of its address: another one may stand there one day.
  const etag = `"${hash}"`;
  const headers: Record<string, string> = {
    ...GUARDED,
    etag,
    'accept-ranges': 'bytes',
    'cache-control': `public, max-age=${KEPT_SECONDS}, immutable`,
  };
  const given = (name: string) => request.headers.get(name) ?? undefined;
  const withoutBody = async (status: number, more: Record<string, string> = {}) => {
    await picture.close();
    return new Response(null, { status, headers: { ...headers, ...more } });
  };
  if (matchesEtag(given('if-none-match') ?? '', etag)) return withoutBody(304);
  const whole = { 'content-type': type, [LENGTH_HEADER]: String(bytes) };
  // A range means nothing to HEAD (RFC 9110, 14.2).
  if (request.method === 'HEAD') return withoutBody(200, whole);
  const part = readRange({ range: given('range'), ifRange: given('if-range') }, { bytes, etag });
  if (part === 'unsatisfiable') {
    // The next question may be a better one.
    const more = { 'content-range': `bytes */${bytes}`, 'cache-control': 'no-store' };
    return withoutBody(416, more);
  }
  // A reader who has gone reads no stream, and so closes none.
  if (request.signal.aborted) return withoutBody(200);
  request.signal.addEventListener('abort', () => void picture.close(), { once: true });
  const range = part === 'whole' ? { first: 0, last: bytes - 1 } : part;
  const { counters } = shared();
  const body = picture.stream(range, (count) => {
    counters.pictureBytes += count;
  });
  if (part === 'whole') return new Response(body, { headers: { ...headers, ...whole } });
  const partial = {
    'content-type': type,
    [LENGTH_HEADER]: String(part.last + 1 - part.first),
    'content-range': `bytes ${part.first}-${part.last}/${bytes}`,
  };
  return new Response(body, { status: 206, headers: { ...headers, ...partial } });
}

async function answer(request: Request, { params }: Context): Promise<Response> {
  const { mac, address } = await params;
  const url = readPicturePath(mac, address);
  const { pictures, pictureRefusals } = shared().counters;
  if (url === undefined || !isProxying()) {
    pictures.unknown += 1;
    const detail = 'No page of this site has a picture at this address.';
    return refuse(404, 'No such picture', detail, {});
  }
  const outcome = await getPicture(url);
  switch (outcome.kind) {
    case 'found':
      pictures[outcome.from] += 1;
      notePictureSize(pictureKey(url), outcome.picture.facts.size);
      return answerPicture(request, outcome.picture);
    case 'missing':
      pictures.missing += 1;
      if (outcome.isNew) {
        pictureRefusals[outcome.reason] += 1;
        notePictureSize(pictureKey(url), null);
        log.info('pictures.missing', { url, reason: outcome.reason, why: outcome.why });
      }
      return refuse(404, 'This picture cannot be shown', 'Its server does not give it.', {
        'cache-control': `public, max-age=${MISSING_SECONDS}`,
      });
    case 'busy':
      pictures.busy += 1;
      return refuse(503, 'Too many pictures at once', 'Please come again in a moment.', {
        'retry-after': String(BUSY_SECONDS),
      });
    default:
      return unreachable(outcome);
  }
}

/** A picture of a post, so that its publisher's server, or a third one, learns of no reader. */
export const GET = answer;

/** The same without the picture: left to Next, an open file would wait to be read. */
export const HEAD = answer;
