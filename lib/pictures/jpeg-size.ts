import type { PictureSize } from '../model/picture.ts';

const START_OF_SCAN = 0xda;
const END = 0xd9;
const EXIF_SEGMENT = 0xe1;
const ORIENTATION = 0x0112;
const IFD_ENTRY_BYTES = 12;
/** From here on a picture lies on its side. */
const FIRST_TURNED = 5;
const LAST_TURNED = 8;

/** SOF0 to SOF15, without tables of codes (C4, CC) and what is reserved (C8). */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Markers without a segment behind them. */
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/**
 * Width and height of a JPEG as it is shown, from the first frame header (ITU T.81, B.2.2), and
 * from Exif whether it lies on its side. A height that comes only after the scan is none.
 * @throws RangeError when it ends before.
 */
export function jpegSize(file: Buffer): PictureSize | undefined {
  let isTurned = false;
  let at = 2;
  for (;;) {
    // As decoders do: what is between two segments is passed over, and fill bytes too.
    while (file.readUInt8(at) !== 0xff) at += 1;
    while (file.readUInt8(at) === 0xff) at += 1;
    const marker = file.readUInt8(at);
    at += 1;
    if (marker === START_OF_SCAN || marker === END) return undefined;
    if (marker === 0 || isBare(marker)) continue;
    const bytes = file.readUInt16BE(at);
    if (bytes < 2) return undefined;
    if (isFrame(marker)) {
      const [height, width] = [file.readUInt16BE(at + 3), file.readUInt16BE(at + 5)];
      return isTurned ? { width: height, height: width } : { width, height };
    }
    if (marker === EXIF_SEGMENT) isTurned ||= liesOnItsSide(file.subarray(at + 2, at + bytes));
    at += bytes;
  }
}

/** Exif is a TIFF file of its own (Exif 2.32, 4.5.2 and 4.6.4); broken, it says nothing. */
function liesOnItsSide(segment: Buffer): boolean {
  if (segment.toString('latin1', 0, 6) !== 'Exif\0\0') return false;
  const tiff = segment.subarray(6);
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  try {
    const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    const entries = short(directory);
    for (let entry = 0; entry < entries; entry++) {
      const at = directory + 2 + entry * IFD_ENTRY_BYTES;
      if (short(at) !== ORIENTATION) continue;
      const value = short(at + 8);
      return value >= FIRST_TURNED && value <= LAST_TURNED;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return false;
}
