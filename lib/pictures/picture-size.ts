import type { PictureSize } from '../model/picture.ts';
import { avifSize } from './avif-size.ts';
import { jpegSize } from './jpeg-size.ts';
import type { PictureType } from './picture-type.ts';
import { svgSize } from './svg-size.ts';

// The size of a picture from its headers. Nothing is decoded: decoders are where hostile pictures
// aim. Reading past the end throws a RangeError, which means that the picture is broken.

type SizeReader = (file: Buffer) => PictureSize | undefined;

const U24_BYTES = 3;

/** The header is the first chunk (PNG, 5.6 and 11.2.1). */
const pngSize: SizeReader = (file) =>
  file.toString('latin1', 12, 16) === 'IHDR'
    ? { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }
    : undefined;

const GIF_EXTENSION = 0x21;
const GIF_FRAME = 0x2c;
const GIF_HEADER_BYTES = 13;

/**
 * The canvas, or the first frame where that is larger: browsers make room for it (GIF89a, 18 and
 * 20). A small canvas must not hide a huge frame.
 */
const gifSize: SizeReader = (file) => {
  const canvas = { width: file.readUInt16LE(6), height: file.readUInt16LE(8) };
  const flags = file.readUInt8(10);
  const coloursBytes = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  let at = GIF_HEADER_BYTES + coloursBytes;
  while (file.readUInt8(at) === GIF_EXTENSION) {
    at += 2;
    for (let bytes = file.readUInt8(at); bytes > 0; bytes = file.readUInt8(at)) at += bytes + 1;
    at += 1;
  }
  if (file.readUInt8(at) !== GIF_FRAME) return undefined;
  return {
    width: Math.max(canvas.width, file.readUInt16LE(at + 1) + file.readUInt16LE(at + 5)),
    height: Math.max(canvas.height, file.readUInt16LE(at + 3) + file.readUInt16LE(at + 7)),
  };
};

/** Lossy (RFC 6386, 9.1), lossless (RFC 9649, 3.4), or either with a canvas (RFC 9649, 2.7). */
const webpSize: SizeReader = (file) => {
  switch (file.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = file.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return {
        width: file.readUIntLE(24, U24_BYTES) + 1,
        height: file.readUIntLE(27, U24_BYTES) + 1,
      };
    default:
      return undefined;
  }
};

const OLD_BMP_HEADER_BYTES = 12;

/** A height below 0 says that the top row comes first. */
const bmpSize: SizeReader = (file) =>
  file.readUInt32LE(14) === OLD_BMP_HEADER_BYTES
    ? { width: file.readUInt16LE(18), height: file.readUInt16LE(20) }
    : { width: file.readInt32LE(18), height: Math.abs(file.readInt32LE(22)) };

const ICON_ENTRY_BYTES = 16;

/** The largest, which is what browsers show; 0 stands for 256. */
const iconSize: SizeReader = (file) => {
  let largest: PictureSize | undefined;
  for (let entry = 0; entry < file.readUInt16LE(4); entry++) {
    const at = 6 + entry * ICON_ENTRY_BYTES;
    const width = file.readUInt8(at) || 256;
    const height = file.readUInt8(at + 1) || 256;
    if (!largest || width * height > largest.width * largest.height) largest = { width, height };
  }
  return largest;
};

const READERS: Record<PictureType, SizeReader> = {
  'image/png': pngSize,
  'image/jpeg': jpegSize,
  'image/gif': gifSize,
  'image/webp': webpSize,
  'image/avif': avifSize,
  'image/x-icon': iconSize,
  'image/bmp': bmpSize,
  'image/svg+xml': svgSize,
};

/**
 * How large a picture is when it is shown (turned as its metadata says), from its headers alone:
 * linear in their length. An SVG in user units.
 * @returns undefined for a picture that is broken or says nothing.
 */
export function pictureSize(bytes: Uint8Array, type: PictureType): PictureSize | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = READERS[type](file);
    return size && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    // It ends before its headers do.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
