import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Answer } from './answer.ts';

export type Encoding = 'br' | 'gzip' | 'identity';

/** Below, headers outweigh what compression saves. */
const COMPRESS_BYTES_MIN = 860;
/** Where one more step costs more time than it saves bytes, for pages of some 100 KB. */
const BROTLI_QUALITY = 5;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const COMPRESSIBLE =
  /^(text\/|image\/svg\+xml|application\/(json|javascript|manifest\+json|(\w+\+)?xml|[\w.-]+\+(json|xml)))/iu;

/** Whether compressing an answer is worth it. */
export function isCompressible(answer: Answer): boolean {
  return (
    answer.body.length >= COMPRESS_BYTES_MIN &&
    answer.headers['content-encoding'] === undefined &&
    COMPRESSIBLE.test(String(answer.headers['content-type'] ?? ''))
  );
}

export async function encode(body: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'identity':
      return body;
    case 'gzip':
      return zip(body);
    case 'br':
      return brotli(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      });
  }
}

/** The best of ours that a client takes (RFC 9110, section 12.5.3). */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const weights = new Map<string, number>();
  for (const part of (acceptEncoding ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    if (name !== '') weights.set(name, Number.isFinite(weight) ? weight : 0);
  }
  const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
  if (weightOf('br') > 0 && weightOf('br') >= weightOf('gzip')) return 'br';
  return weightOf('gzip') > 0 ? 'gzip' : 'identity';
}

/** Whether If-None-Match names this validator, by weak comparison (RFC 9110, section 13.1.2). */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/gu)].some((match) => match[1] === etag);
}
