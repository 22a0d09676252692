import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { pictureSize } from '../../../lib/pictures/picture-size.ts';
import { pictureType } from '../../../lib/pictures/picture-type.ts';

const blank = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3a7' } });

/** What is read of a file, by what it is. */
function sizeOf(bytes: Uint8Array) {
  const type = pictureType(bytes);
  return type && pictureSize(bytes, type);
}

const svg = (attributes: string) => Buffer.from(`<svg ${attributes}><path d="M0 0"/></svg>`);

function bmp(width: number, height: number): Buffer {
  const file = Buffer.alloc(54);
  file.write('BM');
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  return file;
}

/** A GIF whose canvas and first frame say different things. */
function gif(canvas: number, frame: number): Buffer {
  const comment = [0x21, 0xfe, 2, 0x68, 0x69, 0];
  const image = [0x2c, 0, 0, 0, 0, frame & 0xff, frame >> 8, frame & 0xff, frame >> 8, 0];
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...[canvas, 0, canvas, 0, 0x80, 0, 0],
    ...[0, 0, 0, 255, 255, 255],
    ...comment,
    ...image,
  ]);
}

describe('the size of a picture is read from its headers', () => {
  test.each([
    ['png', () => blank(640, 31).png()],
    ['gif', () => blank(77, 300).gif()],
    ['jpeg', () => blank(1023, 5).jpeg()],
    [
      'progressive jpeg with a profile',
      () => blank(90, 45).withMetadata().jpeg({ progressive: true }),
    ],
    ['lossy webp', () => blank(333, 222).webp()],
    ['lossless webp', () => blank(1500, 2).webp({ lossless: true })],
    ['webp with a profile', () => blank(20, 21).withMetadata().webp()],
    ['avif', () => blank(128, 70).avif({ effort: 0 })],
  ])('%s, as another reader has it', async (_, make) => {
    const bytes = await make().toBuffer();
    const { width, height } = await sharp(bytes).metadata();
    expect(sizeOf(bytes)).toEqual({ width, height });
  });

  test.each([1, 3, 6, 8])(
    'a photograph as its orientation %s has it shown',
    async (orientation) => {
      const bytes = await blank(60, 40).withMetadata({ orientation }).jpeg().toBuffer();
      const { autoOrient } = await sharp(bytes).metadata();
      expect(sizeOf(bytes)).toEqual(autoOrient);
    },
  );

  test.each([
    [svg('width="40" height="20"'), { width: 40, height: 20 }],
    [svg('xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"'), { width: 24, height: 12 }],
    [svg(`width='2in' viewBox='0,0,10,5'`), { width: 192, height: 96 }],
    [svg('height="50" width="100%" viewBox="0 0 3 1"'), { width: 150, height: 50 }],
    [Buffer.from('<!-- <svg width="1"> --><svg width="7" height="8"/>'), { width: 7, height: 8 }],
    [svg('xmlns="http://www.w3.org/2000/svg"'), undefined],
    [svg('width="-3" height="0" viewBox="0 0 0 0"'), undefined],
    [svg('width="1e99px" height="NaN"'), undefined],
  ])('an SVG’s root element: %s', (bytes, size) => expect(sizeOf(bytes)).toEqual(size));

  test('a bitmap, also one with its top row first', () => {
    expect(sizeOf(bmp(12, 34))).toEqual({ width: 12, height: 34 });
    expect(sizeOf(bmp(12, -34))).toEqual({ width: 12, height: 34 });
  });

  test('the largest of a file of icons', () => {
    const entry = (size: number) => [size, size, ...Buffer.alloc(14)];
    const icons = Buffer.from([0, 0, 1, 0, 3, 0, ...entry(16), ...entry(0), ...entry(32)]);
    expect(sizeOf(icons)).toEqual({ width: 256, height: 256 });
  });

  test('a frame that is larger than its canvas counts: browsers make room for it', () => {
    expect(sizeOf(gif(1, 60_000))).toEqual({ width: 60_000, height: 60_000 });
    expect(sizeOf(gif(9, 2))).toEqual({ width: 9, height: 9 });
  });
});

describe('what is no whole header has no size', () => {
  const PNG = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0', 'latin1'),
    deflateSync(Buffer.alloc(2)),
  ]);

  test('a PNG without its header, or of no size', () => {
    expect(sizeOf(PNG)).toEqual({ width: 1, height: 1 });
    const other = Buffer.from(PNG);
    other.write('JUNK', 12);
    expect(sizeOf(other)).toBeUndefined();
    const none = Buffer.from(PNG);
    none.writeUInt32BE(0, 16);
    expect(sizeOf(none)).toBeUndefined();
  });

  test('a picture that breaks off anywhere, or has any byte changed, costs no exception', async () => {
    const files = await Promise.all([
      blank(9, 7).png().toBuffer(),
      blank(9, 7).gif().toBuffer(),
      blank(9, 7).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      blank(9, 7).withMetadata().webp().toBuffer(),
      blank(9, 7).avif({ effort: 0 }).toBuffer(),
      svg('width="9" viewBox="0 0 9 7"'),
    ]);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(600),
        fc.nat(600),
        fc.nat(255),
        (file, cut, place, byte) => {
          const broken = Buffer.from(file.subarray(0, Math.min(file.length, 12 + cut)));
          if (place + 12 < broken.length) broken[place + 12] = byte;
          const size = sizeOf(broken);
          expect(size === undefined || (size.width > 0 && size.height > 0)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a file that sends its reader on and on is read in one go', () => {
    const segments = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      ...Array.from({ length: 200_000 }, () => Buffer.from([0xff, 0xe1, 0, 2])),
    ]);
    expect(sizeOf(segments)).toBeUndefined();
    const boxes = Buffer.alloc(8 * 200_000);
    boxes.write('\0\0\0\x20ftypavif', 'latin1');
    for (let at = 32; at < boxes.length; at += 8) boxes.write('\0\0\0\x08meta', at, 'latin1');
    expect(sizeOf(boxes)).toBeUndefined();
  });
});
