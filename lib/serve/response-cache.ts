import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { type Encoding, encode, isCompressible } from './encoding.ts';

/** All bodies together. About a thousand tag pages; a process of Next takes 200 MB itself. */
const CACHE_BYTES_MAX = 64 * 1024 * 1024;
/** Answers that say "not found": anybody can invent addresses, so they get a small room. */
const MISSING_BYTES_MAX = 2 * 1024 * 1024;
/** One body. Larger ones are rendered each time and not kept. */
const ENTRY_BYTES_MAX = 8 * 1024 * 1024;
/** The safety net under invalidation, and what keeps "2 hours ago" honest. */
const ENTRY_AGE_MS_MAX = 5 * 60_000;
/** Remembered invalidations. Beyond, all renders in flight count as stale. */
const DROPPED_TAGS_MAX = 10_000;
/** Room for a key, headers and bookkeeping of one entry. */
const ENTRY_OVERHEAD_BYTES = 2048;

/** An answer that may be given again, with its compressed forms as they are first asked for. */
export class Entry {
  readonly answer: Answer;
  readonly storedAtMs: number;
  /** Forever true of a file whose name carries the hash of its content. */
  readonly immutable: boolean;
  readonly bytes: number;
  readonly #hash: string;
  readonly #forms = new Map<Encoding, Promise<Buffer>>();

  constructor(answer: Answer, nowMs: number, immutable = false) {
    this.answer = answer;
    this.storedAtMs = nowMs;
    this.immutable = immutable;
    // The compressed forms of a text are together smaller than the text.
    this.bytes = answer.body.length * (isCompressible(answer) ? 2 : 1) + ENTRY_OVERHEAD_BYTES;
    this.#hash = createHash('sha256').update(answer.body).digest('base64url').slice(0, 22);
  }

  /** The strong validator of one form (RFC 9110, section 8.8.3.3: one an encoding). */
  etag(encoding: Encoding): string {
    return encoding === 'identity' ? `"${this.#hash}"` : `"${this.#hash}-${encoding}"`;
  }

  body(encoding: Encoding): Promise<Buffer> {
    let form = this.#forms.get(encoding);
    if (form === undefined) {
      form = encode(this.answer.body, encoding);
      this.#forms.set(encoding, form);
    }
    return form;
  }
}

/** Entries by key, least recently used first, at most `bytesMax` together. */
class Shelf {
  readonly entries = new Map<string, Entry>();
  bytes = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return entry;
  }

  delete(key: string): void {
    this.bytes -= this.entries.get(key)?.bytes ?? 0;
    this.entries.delete(key);
  }

  /** @returns the keys that had to go to make room. */
  put(key: string, entry: Entry): string[] {
    this.delete(key);
    this.entries.set(key, entry);
    this.bytes += entry.bytes;
    const gone: string[] = [];
    let over = this.bytes - this.#bytesMax;
    for (const [oldest, { bytes }] of this.entries) {
      if (over <= 0 || oldest === key) break;
      gone.push(oldest);
      over -= bytes;
    }
    return gone;
  }
}

/**
 * Answers kept in memory by address, dropped by cache tag. Knows nothing of HTTP.
 *
 * An answer whose render began before one of its tags was dropped is refused, so old content
 * cannot come back in after an invalidation.
 */
export class ResponseCache {
  readonly #found: Shelf;
  readonly #missing: Shelf;
  readonly #tagsByKey = new Map<string, readonly string[]>();
  readonly #keysByTag = new Map<string, Set<string>>();
  readonly #droppedAt = new Map<string, number>();
  #generation = 0;
  /** Renders from before this generation are refused whatever their tags. */
  #floor = 0;

  constructor(bytesMax = CACHE_BYTES_MAX, missingBytesMax = MISSING_BYTES_MAX) {
    this.#found = new Shelf(bytesMax);
    this.#missing = new Shelf(missingBytesMax);
  }

  /** Counts invalidations: a render remembers it when it begins. */
  get generation(): number {
    return this.#generation;
  }

  get size(): { entries: number; bytes: number } {
    return {
      entries: this.#found.entries.size + this.#missing.entries.size,
      bytes: this.#found.bytes + this.#missing.bytes,
    };
  }

  get(key: string, nowMs: number): Entry | undefined {
    const entry = this.#found.get(key) ?? this.#missing.get(key);
    if (entry === undefined) return undefined;
    if (!entry.immutable && nowMs - entry.storedAtMs > ENTRY_AGE_MS_MAX) {
      this.#delete(key);
      return undefined;
    }
    return entry;
  }

  /** Whether something with one of these tags was dropped since a render began. */
  isOvertaken(tags: readonly string[], began: number): boolean {
    if (began < this.#floor) return true;
    return tags.some((tag) => (this.#droppedAt.get(tag) ?? 0) > began);
  }

  /**
   * @param tags of everything that the answer was made from.
   * @param began the generation when the render of this answer began.
   * @returns whether it was kept.
   */
  put(key: string, entry: Entry, tags: readonly string[], began: number): boolean {
    if (entry.bytes > ENTRY_BYTES_MAX || this.isOvertaken(tags, began)) return false;
    this.#delete(key);
    const shelf = entry.answer.status === 404 ? this.#missing : this.#found;
    for (const gone of shelf.put(key, entry)) this.#delete(gone);
    this.#tagsByKey.set(key, tags);
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag) ?? new Set();
      this.#keysByTag.set(tag, keys.add(key));
    }
    return true;
  }

  /** Drops every answer that bears one of the tags. */
  drop(tags: readonly string[]): void {
    this.#generation += 1;
    for (const tag of tags) {
      this.#droppedAt.set(tag, this.#generation);
      for (const key of this.#keysByTag.get(tag) ?? []) this.#delete(key);
    }
    if (this.#droppedAt.size > DROPPED_TAGS_MAX) {
      this.#droppedAt.clear();
      this.#floor = this.#generation;
    }
  }

  /** Drops everything that can become stale. */
  dropAll(): void {
    this.#generation += 1;
    this.#floor = this.#generation;
    this.#droppedAt.clear();
    for (const shelf of [this.#found, this.#missing]) {
      for (const [key, entry] of shelf.entries) if (!entry.immutable) this.#delete(key);
    }
  }

  #delete(key: string): void {
    this.#found.delete(key);
    this.#missing.delete(key);
    for (const tag of this.#tagsByKey.get(key) ?? []) {
      const keys = this.#keysByTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByTag.delete(tag);
    }
    this.#tagsByKey.delete(key);
  }
}
