import { CHANNEL_ELEMENTS_MAX, ITEM_ELEMENTS_MAX } from './limits.ts';

export type RepairedFormat = 'rss' | 'rdf' | 'atom';

/**
 * What is written of a feed while it is repaired: the channel's elements and the items, each apart,
 * for feeds have them in any order. Whoever writes cares that it is well-formed.
 */
export class RepairedXml {
  /** By its root element, once that has been met. */
  format: RepairedFormat | undefined;
  readonly #channel: string[] = [];
  readonly #items: string[] = [];
  readonly #itemsMax: number;
  #item: string[] | undefined;
  #itemElements = 0;
  #channelElements = 0;
  #itemsLeftOut = 0;

  /** @param itemsMax those beyond are counted and left out. */
  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  /** Items that are whole. */
  get items(): number {
    return this.#items.length;
  }

  get itemsLeftOut(): number {
    return this.#itemsLeftOut;
  }

  get isInItem(): boolean {
    return this.#item !== undefined;
  }

  /** To the item that was begun last, if it has not ended, else to the channel. */
  write(xml: string): void {
    (this.#item ?? this.#channel).push(xml);
  }

  /** Counts an element of the open item, or of the channel. @returns false beyond the limit. */
  hasRoom(): boolean {
    if (this.#item === undefined) return ++this.#channelElements <= CHANNEL_ELEMENTS_MAX;
    return ++this.#itemElements <= ITEM_ELEMENTS_MAX;
  }

  /** @returns false when there are as many as may be: this one is left out. */
  beginItem(): boolean {
    if (this.#items.length >= this.#itemsMax) {
      this.#itemsLeftOut++;
      return false;
    }
    this.#item = [];
    this.#itemElements = 0;
    return true;
  }

  /** Does nothing when none is open. */
  endItem(): void {
    if (this.#item === undefined) return;
    const tag = this.format === 'atom' ? 'entry' : 'item';
    this.#items.push(`<${tag}><x-any/>${this.#item.join('')}</${tag}>`);
    this.#item = undefined;
  }

  /** The document. */
  finish(format: RepairedFormat): string {
    // An element without children is a string to the parser, which then looks for children.
    const channel = `<x-any/>${this.#channel.join('')}`;
    const items = this.#items.join('');
    switch (format) {
      case 'atom':
        return `<feed>${channel}${items}</feed>`;
      case 'rdf':
        return `<rdf:RDF><channel>${channel}</channel>${items}</rdf:RDF>`;
      case 'rss':
        return `<rss version="2.0"><channel>${channel}${items}</channel></rss>`;
    }
  }
}
