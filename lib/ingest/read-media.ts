import type { Enclosure } from '../model/feed.ts';
import { absoluteUrl } from './urls.ts';
import { attributeOf, type Elements, textOf, type XmlNode } from './xml-node.ts';

// Files and pictures of an item: RSS enclosures, Atom links, Media RSS, iTunes.

/** Faces of authors and pixels that count readers are nobody's lead picture. */
const NO_LEAD_PICTURE = /(^|\.)gravatar\.com\/|\/(avatar|blank|spacer|pixel)s?[./?]/iu;
const IMAGE_FILE = /\.(avif|gif|jpe?g|png|svg|webp)$/iu;

const baseOf = (node: XmlNode, around: string | undefined) => attributeOf(node, 'base') ?? around;

function addressOf(node: XmlNode, base: string | undefined): string | undefined {
  const given =
    attributeOf(node, 'url') ?? attributeOf(node, 'href') ?? attributeOf(node, 'resource');
  return absoluteUrl(given, baseOf(node, base));
}

const mediumType = (medium: string | undefined) =>
  medium !== undefined && /^(image|audio|video)$/u.test(medium) ? `${medium}/*` : undefined;

function typeOf(node: XmlNode): string | undefined {
  const type = attributeOf(node, 'type') ?? mediumType(attributeOf(node, 'medium'));
  return type?.toLowerCase();
}

function isPicture(node: XmlNode, url: string): boolean {
  const type = typeOf(node);
  return type === undefined ? IMAGE_FILE.test(new URL(url).pathname) : type.startsWith('image/');
}

/** Attached files, each address once. Pictures of Media RSS are illustrations, not files. */
export function enclosuresOf(elements: Elements, base: string | undefined): Enclosure[] {
  const linked = [...(elements['x-link'] ?? []), ...(elements['x-atom-link'] ?? [])].filter(
    (node) => attributeOf(node, 'rel')?.toLowerCase() === 'enclosure',
  );
  const byUrl = new Map<string, Enclosure>();
  const add = (node: XmlNode, url: string | undefined) => {
    if (url === undefined || byUrl.has(url)) return;
    const length = Number(attributeOf(node, 'length') ?? attributeOf(node, 'filesize'));
    const type = typeOf(node);
    byUrl.set(url, {
      url,
      ...(type === undefined ? {} : { type }),
      ...(Number.isSafeInteger(length) && length > 0 ? { length } : {}),
    });
  };
  for (const node of [...(elements['x-enclosure'] ?? []), ...linked]) {
    add(node, addressOf(node, base));
  }
  for (const node of elements['x-media-content'] ?? []) {
    const url = addressOf(node, base);
    // Flash players of videos, which no program plays any more.
    const isDead = typeOf(node) === 'application/x-shockwave-flash';
    if (url !== undefined && !isDead && !isPicture(node, url)) add(node, url);
  }
  return [...byUrl.values()];
}

/**
 * The picture that stands for an item: the widest of Media RSS, else its thumbnail, else an
 * attached picture, else the one of a podcast's episode.
 */
export function leadPicture(elements: Elements, base: string | undefined): string | undefined {
  const found = (nodes: XmlNode[] | undefined, arePictures: boolean) =>
    (nodes ?? []).flatMap((node) => {
      const url = addressOf(node, base);
      if (url === undefined || NO_LEAD_PICTURE.test(url)) return [];
      if (!arePictures && !isPicture(node, url)) return [];
      return [{ url, width: Number(attributeOf(node, 'width') ?? 0) || 0 }];
    });
  const widest = (pictures: { url: string; width: number }[]) =>
    pictures.reduce<{ url: string; width: number } | undefined>(
      (best, each) => (best === undefined || each.width > best.width ? each : best),
      undefined,
    );
  const picture =
    widest(found(elements['x-media-content'], false)) ??
    widest(found(elements['x-media-thumbnail'], true)) ??
    found(elements['x-enclosure'], false)[0] ??
    found(elements['x-itunes-image'], true)[0];
  return picture?.url;
}

/** Where readers discuss an item: RSS `comments`, Atom's threading extension (RFC 4685). */
export function commentsOf(elements: Elements, base: string | undefined): string | undefined {
  const replies = [...(elements['x-link'] ?? []), ...(elements['x-atom-link'] ?? [])].filter(
    (node) =>
      attributeOf(node, 'rel')?.toLowerCase() === 'replies' &&
      /html/iu.test(attributeOf(node, 'type') ?? 'text/html'),
  );
  for (const node of replies) {
    const url = addressOf(node, base);
    if (url !== undefined) return url;
  }
  return absoluteUrl(textOf(elements.comments?.[0]), base);
}
