import { Readable, type Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { Exchange } from '../model/fetching.ts';
import { Refused } from './refused.ts';

/** Of an answer that has nothing for us we read so much, for the connection's sake. */
const UNREAD_BYTES_MAX = 64 * 1024;
/** And for so long: a drip must not keep us from what the head of the answer says. */
const UNREAD_MS_MAX = 1000;

/** Where bytes are counted, also those of a body that breaks off. */
type Tally = Pick<Exchange, 'wireBytes' | 'bodyBytes'>;
/** zlib counts what it was given. */
type Decompressor = Transform & { bytesWritten: number };

function decompressor(coding: string): Decompressor | undefined {
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

async function decompressed(body: Readable, coding: string): Promise<Decompressor> {
  const deflate = coding === 'deflate' ? await startInflate(body) : undefined;
  const transform = deflate?.inflate ?? decompressor(coding);
  if (transform === undefined) throw new Refused('encoding', `the unknown encoding "${coding}"`);
  const source = deflate?.source ?? body;
  source.on('error', (error) => transform.destroy(error));
  return source.pipe(transform);
}

/** The one encoding of a body; undefined when it comes as it is. */
function codingOf(contentEncoding: string | undefined): string | undefined {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > 1) throw new Refused('encoding', `encoded as "${contentEncoding}"`);
  return codings[0];
}

export interface BodyLimits {
  contentEncoding: string | undefined;
  /** After decompression. */
  bytesMax: number;
  /** Keeps the beginning of a longer body instead of refusing it. */
  cuts: boolean;
}

/**
 * Reads a body to its end, decompressing, and stops at the limit of decompressed bytes.
 * @param tally gets the bytes that were read, also when it throws.
 * @throws Refused for a longer body or an encoding that we did not offer.
 */
export async function readBody(
  body: Readable,
  { contentEncoding, bytesMax, cuts }: BodyLimits,
  tally: Tally,
): Promise<Uint8Array> {
  const coding = codingOf(contentEncoding);
  const unpacked = coding === undefined ? undefined : await decompressed(body, coding);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked ?? body) {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= bytesMax) continue;
      if (!cuts) throw new Refused('too-large', `more than ${megabytes(bytesMax)} MB`);
      break;
    }
  } finally {
    tally.bodyBytes += size;
    tally.wireBytes += unpacked?.bytesWritten ?? size;
    body.destroy();
  }
  return Buffer.concat(chunks, Math.min(size, bytesMax));
}

/**
 * Reads a body away that nobody wants; one that breaks off, or does not end, is as good.
 * @throws AbortError when `signal` has called the request off.
 */
export async function passBody(
  body: Readable,
  tally: Tally,
  signal: AbortSignal | undefined,
): Promise<void> {
  let size = 0;
  const timer = setTimeout(() => body.destroy(), UNREAD_MS_MAX);
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size >= UNREAD_BYTES_MAX) break;
    }
  } catch {
    signal?.throwIfAborted();
  } finally {
    clearTimeout(timer);
    tally.wireBytes += size;
    tally.bodyBytes += size;
  }
}

const ZLIB_METHOD = 8;

/** "deflate" means zlib, but some servers send it raw: the first byte tells (RFC 1950, 2.2). */
async function startInflate(body: Readable): Promise<{ source: Readable; inflate: Decompressor }> {
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
