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
 * and does not know of a part that left, of a name beside them, of two changes in one second, or of
 * another version of this program. Another content gets another time than the one before it; what
 * this process sees for the first time gets this moment's, for nobody here knows what went out with
 * the document's own. So a reader who goes by the date alone, to several processes, is sent what it
 * has more often than it must be. ETags are the content's, and the same everywhere.
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
    const moment = Math.floor(now / 1000);
    // RFC 9110, section 8.8.2.1: no time is after this moment.
    let modified = Math.min(Math.floor(Date.parse(own) / 1000), moment);
    if (Number.isNaN(modified)) return undefined;
    if (before === undefined) modified = moment;
    else if (before.etag === etag) modified = before.modified;
    else if (modified <= before.modified) {
      modified = moment;
      // The next second will have one.
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
