import type { Metadata } from 'next';
import { CARD_HEIGHT, CARD_WIDTH } from '../../lib/cards/card-size.ts';
import { type CardKind, cardPath } from '../../lib/model/card-address.ts';

/** The card of a page in its head. @param alt what stands on it, for who does not see it. */
export function cardMeta(
  kind: CardKind,
  name: string | number | undefined,
  alt: string,
): {
  images: NonNullable<Metadata['openGraph']>['images'];
} {
  return {
    images: [
      { url: cardPath(kind, name), width: CARD_WIDTH, height: CARD_HEIGHT, type: 'image/png', alt },
    ],
  };
}

/** Shown large, where it is shown at all. */
export const LARGE_CARD: Metadata['twitter'] = { card: 'summary_large_image' };
