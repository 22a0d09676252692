import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { PictureRefusal, PictureSize } from '../model/picture.ts';
import { pictureSize } from './picture-size.ts';
import { type PictureType, pictureType } from './picture-type.ts';

// What is known of a picture, and how it stands in a file: a line that says it, then the picture.

/** All that an answer says of a picture before its first byte. */
export interface PictureFacts {
  type: PictureType;
  bytes: number;
  /** Of its content, as hexadecimal digits: the same on each machine. */
  hash: string;
  /** Null for an SVG that may be of any size. */
  size: PictureSize | null;
}

/**
 * Larger than any camera's. A browser takes four bytes for each pixel, whatever the file takes: one
 * of 60,000 × 60,000 is a few megabytes on the wire and 14 GB in its reader's memory.
 */
export const PIXELS_MAX = 100_000_000;

/** What there is to know of bytes that should be a picture, or why they are not shown. */
export function describePicture(bytes: Uint8Array): PictureFacts | PictureRefusal {
  const type = pictureType(bytes);
  if (type === undefined) return 'not-a-picture';
  const size = pictureSize(bytes, type) ?? null;
  const isDrawn = type === 'image/svg+xml';
  // A browser might read a size where we read none.
  if (size === null && !isDrawn) return 'not-a-picture';
  if (size && !isDrawn && size.width * size.height > PIXELS_MAX) return 'too-many-pixels';
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return { type, bytes: bytes.length, hash, size };
}

const MARK = 'tagwire picture 1 ';
const HEAD_BYTES_MAX = 512;

/** The line before a picture in its file. */
export const writeHead = (facts: PictureFacts) => Buffer.from(`${MARK}${JSON.stringify(facts)}\n`);

/**
 * What the line before a picture says, and where the picture begins.
 * @returns undefined for a file that is not one of these, or not whole: a machine that lost its
 * power may leave a part of one.
 */
export async function readHead(
  file: FileHandle,
): Promise<{ facts: PictureFacts; begin: number } | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES_MAX), 0, HEAD_BYTES_MAX, 0);
  const end = buffer.subarray(0, bytesRead).indexOf('\n');
  const line = buffer.toString('utf8', 0, Math.max(0, end));
  if (!line.startsWith(MARK)) return undefined;
  const facts: PictureFacts = JSON.parse(line.slice(MARK.length));
  const begin = end + 1;
  const { size } = await file.stat();
  return size === begin + facts.bytes ? { facts, begin } : undefined;
}

/** Of a picture: its first and last byte, counted from 0. */
interface ByteRange {
  first: number;
  last: number;
}

/** A picture that can be read once, in whole or in part. Whoever does not must close it. */
export interface OpenPicture {
  facts: PictureFacts;
  /** @param onRead is told how many bytes were read, each time. */
  stream(range: ByteRange, onRead: (bytes: number) => void): ReadableStream<Uint8Array>;
  close(): Promise<void>;
}

/** So much of a picture is in memory at once, for each of its readers. */
const CHUNK_BYTES = 64 * 1024;

/** A picture in a file. The open file stays whole, also when its name is given to another. */
export function openFile(file: FileHandle, facts: PictureFacts, begin: number): OpenPicture {
  return {
    facts,
    close: () => file.close(),
    stream({ first, last }, onRead) {
      let at = first;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            try {
              const wanted = Math.min(CHUNK_BYTES, last + 1 - at);
              const chunk = await file.read(Buffer.alloc(wanted), 0, wanted, begin + at);
              if (chunk.bytesRead === 0) throw new Error('a picture has become shorter');
              at += chunk.bytesRead;
              onRead(chunk.bytesRead);
              controller.enqueue(chunk.buffer.subarray(0, chunk.bytesRead));
              if (at <= last) return;
              controller.close();
            } catch (error) {
              controller.error(error);
            }
            await file.close();
          },
          cancel: () => file.close(),
        },
        // Nothing is read before it can be sent.
        { highWaterMark: 0 },
      );
    },
  };
}

/** A picture in memory, where the disk does not take it. */
export function openBytes(bytes: Uint8Array, facts: PictureFacts): OpenPicture {
  return {
    facts,
    close: async () => {},
    stream: ({ first, last }, onRead) =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          onRead(last + 1 - first);
          controller.enqueue(bytes.subarray(first, last + 1));
          controller.close();
        },
      }),
  };
}
