/** What a picture is by its first bytes (WHATWG MIME Sniffing, 6.1; AVIF: ISO 14496-12, 4.3). */
export type PictureType =
  | 'image/png'
  | 'image/jpeg'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'image/svg+xml'
  | 'image/x-icon'
  | 'image/bmp';

type Sign = (start: string) => boolean;

const begins = (text: string) => (start: string) => start.startsWith(text);
const AVIF_BRANDS = ['avif', 'avis', 'mif1', 'msf1'];
/** After a declaration, comments and a document type; what else it holds, the policy shuts in. */
const SVG =
  /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/iu;

const SIGNS: [PictureType, Sign][] = [
  ['image/png', begins('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', begins('\xff\xd8\xff')],
  ['image/gif', (start) => /^GIF8[79]a/u.test(start)],
  ['image/webp', (start) => start.startsWith('RIFF') && start.startsWith('WEBPVP', 8)],
  [
    'image/avif',
    (start) => start.startsWith('ftyp', 4) && AVIF_BRANDS.includes(start.slice(8, 12)),
  ],
  ['image/x-icon', begins('\0\0\x01\0')],
  ['image/bmp', begins('BM')],
  ['image/svg+xml', (start) => SVG.test(start)],
];
/** Comments of drawing programs come before an SVG's first element. */
const SNIFFED_BYTES = 2048;

/** Where the root element of an SVG begins to say something: just behind its name. */
export function svgRootEnd(start: string): number | undefined {
  const found = SVG.exec(start);
  return found === null ? undefined : found[0].length - 1;
}

/** The type of a picture; undefined for what is none, whatever its server says. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  const start = Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1');
  return SIGNS.find(([, isMet]) => isMet(start))?.[0];
}
