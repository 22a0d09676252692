/** Addresses whose last content is remembered; the oldest go when there are more. */
const REMEMBERED_MAX = 5000;

interface Known {
  /** The validator of its content. */
  etag: string;
  /** Seconds since the epoch. */
  modified: number;
}

/**
 * Keeps Last-Modified true where a document cannot: it says when the latest of its parts changed,
 * and does not know of a part that left, of a name beside them, or of two changes in one second.
 * Of what this process has given out before, another content gets another time.
 */
export class LastModified {
  readonly #known = new Map<string, Known>();

  /**
   * The time to send with a content; undefined when there is none to be told from that of the
   * content before it.
   * @param own what the document itself says: an HTTP date. @param now in milliseconds.
   */
  settle(key: string, etag: string, own: string, now: number): string | undefined {
    const before = this.#known.get(key);
    let modified = Math.floor(Date.parse(own) / 1000);
    if (Number.isNaN(modified)) return undefined;
    if (before?.etag === etag) modified = Math.max(modified, before.modified);
    else if (before !== undefined && modified <= before.modified) {
      modified = Math.floor(now / 1000);
      // RFC 9110, section 8.8.2.1: not after this moment. The next content will have one.
      if (modified <= before.modified) return undefined;
    }
    this.#known.delete(key);
    this.#known.set(key, { etag, modified });
    if (this.#known.size > REMEMBERED_MAX) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return new Date(modified * 1000).toUTCString();
  }
}
