import type { PictureSize } from '../model/picture.ts';
import { svgRootEnd } from './picture-type.ts';

/** Drawing programs declare a dozen namespaces; the rest of a root element is not read. */
const ROOT_CHARACTERS_MAX = 8192;
const SIZE_MAX = 100_000;
const ATTRIBUTE = /\s+([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/uy;
const LENGTH = /^\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*(px|pt|pc|in|cm|mm|em|rem|ex|)\s*$/iu;
/** In CSS pixels (CSS Values 4, 6.2), with the usual size of a letter. */
const UNITS: Record<string, number> = {
  '': 1,
  px: 1,
  pt: 96 / 72,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  em: 16,
  rem: 16,
  ex: 8,
};

function lengthOf(text: string | undefined): number | undefined {
  const [, number, unit = ''] = LENGTH.exec(text ?? '') ?? [];
  if (number === undefined) return undefined;
  const pixels = Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
  return pixels > 0 ? pixels : undefined;
}

const whole = (length: number) => Math.min(SIZE_MAX, Math.max(1, Math.round(length)));

/**
 * Width and height that an SVG's root element says (SVG 2, 8.2); what it leaves open follows from
 * its `viewBox`. Undefined when it says neither: it may be of any size.
 */
export function svgSize(file: Buffer): PictureSize | undefined {
  const text = file.toString('latin1', 0, ROOT_CHARACTERS_MAX);
  const rootEnd = svgRootEnd(text);
  if (rootEnd === undefined) return undefined;
  const said = new Map<string, string>();
  ATTRIBUTE.lastIndex = rootEnd;
  for (let match = ATTRIBUTE.exec(text); match !== null; match = ATTRIBUTE.exec(text)) {
    said.set(match[1] ?? '', match[2] ?? match[3] ?? '');
  }
  const [width, height] = [lengthOf(said.get('width')), lengthOf(said.get('height'))];
  const [, , boxWidth = 0, boxHeight = 0] = (said.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/u)
    .map(Number);
  const hasBox = boxWidth > 0 && boxHeight > 0;
  if (width && height) return { width: whole(width), height: whole(height) };
  if (!hasBox) return undefined;
  if (width) return { width: whole(width), height: whole((width * boxHeight) / boxWidth) };
  if (height) return { width: whole((height * boxWidth) / boxHeight), height: whole(height) };
  return { width: whole(boxWidth), height: whole(boxHeight) };
}
