import { Readable, type Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { Refused } from './refused.ts';

// The bodies of answers: never more of them than a limit, after decompression.

function decompressor(coding: string) {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      return undefined;
  }
}

async function decompressed(body: Readable, coding: string | undefined): Promise<Readable> {
  if (coding === undefined) return body;
  const deflate = coding === 'deflate' ? await startInflate(body) : undefined;
  const transform = deflate?.inflate ?? decompressor(coding);
  if (transform === undefined) throw new Refused('encoding', `the unknown encoding "${coding}"`);
  const source = deflate?.source ?? body;
  source.on('error', (error) => transform.destroy(error));
  return source.pipe(transform);
}

/**
 * Reads a body to its end, decompressing. @throws Refused for more than `bytesMax` decompressed
 * bytes, and for an encoding that nobody knows.
 */
export async function readLimited(
  body: Readable,
  contentEncoding: string | undefined,
  bytesMax: number,
): Promise<Uint8Array> {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > 1) throw new Refused('encoding', `encoded as "${contentEncoding}"`);
  const stream = await decompressed(body, codings[0]);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > bytesMax) throw new Refused('too-large', `more than ${megabytes(bytesMax)} MB`);
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks);
}

const ZLIB_METHOD = 8;

/** "deflate" means zlib, but some servers send it raw: the first byte tells (RFC 1950, 2.2). */
async function startInflate(body: Readable): Promise<{ source: Readable; inflate: Transform }> {
  const chunks = body[Symbol.asyncIterator]();
  const first: IteratorResult<Buffer> = await chunks.next();
  const isZlib = first.done || ((first.value[0] ?? 0) & 0x0f) === ZLIB_METHOD;
  const source = Readable.from(
    (async function* () {
      for (let next = first; !next.done; next = await chunks.next()) yield next.value;
    })(),
  );
  return { source, inflate: isZlib ? createInflate() : createInflateRaw() };
}

const megabytes = (bytes: number) => Math.round((bytes / 1024 / 1024) * 10) / 10;

/** The first bytes of a body, as they came; the rest is not waited for. */
export async function readStart(body: Readable, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= bytesMax) break;
    }
  } finally {
    body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, bytesMax);
}
