import { log } from '../lib/log.ts';

/** So many different hosts must fail before the fault can be ours. */
const FAILED_HOSTS_MIN = 5;
/** And so many times as many as answered: an intranet may work while the rest is away. */
const FAILED_SHARE_MIN = 4;
/** A lease ends after 10 minutes; long before, a failure is written down as what it seems to be. */
const HELD_MS_MAX = 60_000;

/** Writes a failed poll down, as the feed's fault or as that of our own network. */
type Finish = (isOurs: boolean) => Promise<void>;

/**
 * Tells during one run of polls whether feeds fail or our own network is down: then most hosts
 * fail at once, which says nothing of any of them. Failures are held until that is clear.
 */
export class NetworkWatch {
  readonly #answered = new Set<string>();
  readonly #failed = new Set<string>();
  #held: { finish: Finish; sinceMs: number }[] = [];
  #isDown = false;

  /** A host answered something, be it an error. */
  async answered(host: string): Promise<void> {
    this.#answered.add(host);
    await this.#writeOverdue();
  }

  /** A host could not be reached. `finish` is called once, now or later. */
  async failed(host: string, finish: Finish): Promise<void> {
    this.#failed.add(host);
    const isNewlyDown = !this.#isDown && this.#looksDown();
    if (isNewlyDown) log.warn('network.down', { hosts: this.#failed.size });
    this.#isDown ||= isNewlyDown;
    if (this.#isDown) {
      await this.#write(true);
      return finish(true);
    }
    this.#held.push({ finish, sinceMs: Date.now() });
    await this.#writeOverdue();
  }

  /** The run is over: what is still held were faults of the feeds. */
  async end(): Promise<void> {
    await this.#write(false);
  }

  #looksDown(): boolean {
    const failed = this.#failed.size;
    return failed >= FAILED_HOSTS_MIN && failed >= FAILED_SHARE_MIN * this.#answered.size;
  }

  async #write(isOurs: boolean): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const { finish } of held) await finish(isOurs);
  }

  async #writeOverdue(): Promise<void> {
    const first = this.#held[0];
    if (first !== undefined && Date.now() - first.sinceMs > HELD_MS_MAX) await this.#write(false);
  }
}
