import type { PictureSize } from '../model/picture.ts';

// Room for pictures in bodies. These have been sanitised: tags are well-formed, attributes stand in
// double quotes with &, ", < and > escaped.

const IMG = /<img((?:\s[^<>]*)?)>/gu;
const SRC = /\ssrc="([^"]*)"/u;
const WIDTH = /\swidth="(\d+)"/u;
const HEIGHT = /\sheight="(\d+)"/u;
/** What stands around a picture that has its paragraph to itself. */
const OPENED = /<(?:p|div|figure|center|section|article)(?:\s[^<>]*)?>\s*(?:<a\s[^<>]*>\s*)?$/u;
const CLOSED = /^\s*(?:<\/a>\s*)?<(?:\/(?:p|div|figure|center|section|article)|figcaption)[\s>]/u;
/** As far as the tags around it go: a link with a long address. */
const AROUND_CHARACTERS = 4096;

/** A text of HTML, or the value of an attribute, as it is meant. */
export const unescaped = (text: string) =>
  text
    .replace(/&lt;/gu, '<')
    .replace(/&gt;/gu, '>')
    .replace(/&quot;/gu, '"')
    .replace(/&amp;/gu, '&');

/** The address of a picture whose publisher did not say both width and height. */
function unsizedAddress(attributes: string): string | undefined {
  if (WIDTH.test(attributes) && HEIGHT.test(attributes)) return undefined;
  const src = SRC.exec(attributes)?.[1];
  return src === undefined ? undefined : unescaped(src);
}

/** Addresses of the pictures of a body whose publisher did not say how large they are. */
export function listUnsized(html: string): string[] {
  const found = [...html.matchAll(IMG)].map(([, attributes = '']) => unsizedAddress(attributes));
  return [...new Set(found.flatMap((address) => address ?? []))];
}

/** What a publisher said of one side stays, and the other follows from it. */
function sizeAttributes(attributes: string, { width, height }: PictureSize): string {
  const [said, saidHigh] = [WIDTH.exec(attributes)?.[1], HEIGHT.exec(attributes)?.[1]];
  if (said !== undefined) {
    return ` height="${Math.max(1, Math.round((Number(said) * height) / width))}"`;
  }
  if (saidHigh !== undefined) {
    return ` width="${Math.max(1, Math.round((Number(saidHigh) * width) / height))}"`;
  }
  return ` width="${width}" height="${height}"`;
}

/**
 * A body with the sizes of its pictures, so that nothing moves when they come. One that is not known
 * yet, and has its paragraph to itself, is marked (`class="unsized"`): a box of a fixed form is kept
 * for it. Within a line, that would tear the line apart. What the publisher said of both sides stays.
 * @param sizes by address: null for a picture that cannot be had or is of any size, which gets no
 * room; nothing for one that is not known yet.
 */
export function sizePictures(html: string, sizes: ReadonlyMap<string, PictureSize | null>): string {
  return html.replace(IMG, (tag: string, attributes: string, at: number) => {
    const address = unsizedAddress(attributes);
    if (address === undefined) return tag;
    const size = sizes.get(address);
    if (size)
      return `<img${attributes.replace(/\s*\/?$/u, '')}${sizeAttributes(attributes, size)}>`;
    if (size === null) return tag;
    const end = at + tag.length;
    const isAlone =
      OPENED.test(html.slice(Math.max(0, at - AROUND_CHARACTERS), at)) &&
      CLOSED.test(html.slice(end, end + AROUND_CHARACTERS));
    return isAlone ? `<img class="unsized"${attributes}>` : tag;
  });
}
