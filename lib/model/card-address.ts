// The pictures that messengers and other sites show beside a link of ours (Open Graph).

/** Of what there are cards; what has none of its own shows the site's. */
export const CARD_KINDS = ['post', 'tag', 'source', 'author', 'site'] as const;
export type CardKind = (typeof CARD_KINDS)[number];

/** The address of a card. @param name a post's id, a slug as it stands in addresses; of the site `all`. */
export const cardPath = (kind: CardKind, name: string | number = 'all') =>
  `/card/${kind}/${name}.png`;

/** What the last part of such an address is of; undefined for none. */
export const cardName = (file: string) => /^(.+)\.png$/su.exec(file)?.[1];
