/** How long an answer waits for its tags before it counts as unknown and is not kept. */
const TAGS_WAIT_MS_MAX = 2000;

/**
 * The cache tags of everything that one render read. Next tells them to its cache handlers: on a
 * hit at once, on a miss when the entry is complete, which can be just after the page's end.
 */
export class RenderTags {
  /** The response cache's generation when the render began. */
  readonly began: number;
  readonly #tags = new Set<string>();
  readonly #awaited = new Set<Promise<readonly string[]>>();

  constructor(began: number) {
    this.began = began;
  }

  add(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag);
  }

  await(tags: Promise<readonly string[]>): void {
    tags.catch(() => {});
    this.#awaited.add(tags);
  }

  /**
   * All tags, once they are known. Undefined when something was read whose tags stayed unknown
   * (its read threw, or never ended): such an answer must not be kept.
   */
  async complete(): Promise<string[] | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, TAGS_WAIT_MS_MAX, undefined);
      timer.unref();
    });
    try {
      const all = await Promise.race([Promise.all(this.#awaited), late]);
      if (all === undefined) return undefined;
      for (const tags of all) this.add(tags);
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
    return this.#tags.size === 0 ? undefined : [...this.#tags];
  }
}

/** Tags by key of entries that are being made, for all renders that wait for the same one. */
export class PendingTags {
  readonly #byKey = new Map<string, PromiseWithResolvers<readonly string[]>>();

  /** For a reader that found nothing: settles when anyone has made the entry. */
  waitFor(key: string): Promise<readonly string[]> {
    let pending = this.#byKey.get(key);
    if (pending === undefined) {
      const made = Promise.withResolvers<readonly string[]>();
      this.#byKey.set(key, made);
      pending = made;
      // An entry that never comes must not stay for ever.
      setTimeout(() => {
        if (this.#byKey.get(key) === made) this.#byKey.delete(key);
        made.reject(new Error('nobody made it'));
      }, TAGS_WAIT_MS_MAX).unref();
      made.promise.catch(() => {});
    }
    return pending.promise;
  }

  made(key: string, tags: readonly string[]): void {
    this.#byKey.get(key)?.resolve(tags);
    this.#byKey.delete(key);
  }
}
