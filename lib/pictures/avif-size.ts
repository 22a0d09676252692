import type { PictureSize } from '../model/picture.ts';

interface Box {
  type: string;
  body: Buffer;
}

/** Of a full box: version and flags stand before its content (ISO 14496-12, 4.2). */
const FULL_BOX_BYTES = 4;
const BOX_HEADER_BYTES = 8;

/** The boxes of a container, in their order. Ends at one that is broken. */
function* boxesOf(container: Buffer): Generator<Box> {
  let at = 0;
  while (at + BOX_HEADER_BYTES <= container.length) {
    const said = container.readUInt32BE(at);
    const isLong = said === 1;
    const headBytes = isLong ? 2 * BOX_HEADER_BYTES : BOX_HEADER_BYTES;
    const end =
      said === 0
        ? container.length
        : at + (isLong ? Number(container.readBigUInt64BE(at + 8)) : said);
    if (end < at + headBytes) return;
    const type = container.toString('latin1', at + 4, at + BOX_HEADER_BYTES);
    yield { type, body: container.subarray(at + headBytes, end) };
    at = end;
  }
}

const findBox = (container: Buffer | undefined, type: string) =>
  container && boxesOf(container).find((box) => box.type === type)?.body;

/**
 * Which properties an item has, as numbers from 1 (ISO 23008-12, 9.3).
 * @param map the body of the `ipma` box.
 */
function propertiesOf(map: Buffer, item: number): number[] {
  const hasLongIds = map.readUInt8(0) > 0;
  const hasLongIndexes = (map.readUInt8(3) & 1) === 1;
  const entries = map.readUInt32BE(FULL_BOX_BYTES);
  let at = FULL_BOX_BYTES + 4;
  for (let entry = 0; entry < entries; entry++) {
    const id = hasLongIds ? map.readUInt32BE(at) : map.readUInt16BE(at);
    at += hasLongIds ? 4 : 2;
    const count = map.readUInt8(at);
    at += 1;
    const indexes: number[] = [];
    for (let n = 0; n < count; n++) {
      indexes.push(hasLongIndexes ? map.readUInt16BE(at) & 0x7fff : map.readUInt8(at) & 0x7f);
      at += hasLongIndexes ? 2 : 1;
    }
    if (id === item) return indexes;
  }
  return [];
}

/**
 * Width and height of an AVIF's primary item as it is shown: its spatial extents (`ispe`), turned
 * by a quarter where `irot` says so (ISO 23008-12, 6.5.3 and 6.5.10).
 * @throws RangeError when it ends before.
 */
export function avifSize(file: Buffer): PictureSize | undefined {
  const meta = findBox(file, 'meta')?.subarray(FULL_BOX_BYTES);
  const primary = findBox(meta, 'pitm');
  const properties = findBox(meta, 'iprp');
  const map = findBox(properties, 'ipma');
  if (!primary || !properties || !map) return undefined;
  const item =
    primary.readUInt8(0) === 0
      ? primary.readUInt16BE(FULL_BOX_BYTES)
      : primary.readUInt32BE(FULL_BOX_BYTES);
  const all = [...boxesOf(findBox(properties, 'ipco') ?? Buffer.alloc(0))];
  const own = propertiesOf(map, item).map((index) => all[index - 1]);
  const extents = own.find((box) => box?.type === 'ispe')?.body;
  if (extents === undefined) return undefined;
  const [width, height] = [extents.readUInt32BE(4), extents.readUInt32BE(8)];
  const turns = own.find((box) => box?.type === 'irot')?.body.readUInt8(0) ?? 0;
  return turns % 2 === 1 ? { width: height, height: width } : { width, height };
}
