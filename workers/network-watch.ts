import os from 'node:os';
import { log } from '../lib/log.ts';
import { endOutage, reportOutage } from '../lib/store/outages.ts';

/** So many different hosts must fail before the fault can be ours. */
const FAILED_HOSTS_MIN = 5;
/** And so many times as many as answered: an intranet may work while the rest is away. */
const FAILED_SHARE_MIN = 4;
/** Hosts that are looked at, those that were asked last: what is long past says nothing of now. */
const HOSTS_WATCHED_MAX = 25;
/** A worker with few feeds asks one host every few minutes; feeds are tried again after this. */
const WATCHED_MS_MAX = 10 * 60_000;
/** A lease ends after 10 minutes; long before, a failure is written down as what it seems to be. */
const HELD_MS_MAX = 60_000;
/** Told again this often while it lasts: who says nothing any more may be dead. */
const TELL_AGAIN_MS = 5 * 60_000;

/** Our own network is down. */
export interface Outage {
  /** For how long, as far as it was seen. */
  lastsMs: number;
}

/** Writes a failed poll down, as the feed's fault or as that of our own network. */
type Finish = (outage: Outage | undefined) => Promise<void>;

/** Is told of outages of our own network. Both may be told what they know already. */
export interface OutageListener {
  /** @param hosts how many different ones could not be reached. */
  down(hosts: number): Promise<void>;
  up(): Promise<void>;
}

const outagesSeenBy = (name: string): OutageListener => ({
  down: (hosts) => reportOutage(name, hosts),
  up: () => endOutage(name),
});
/** Tells the operator, for all workers of this machine. */
export const OUTAGES = outagesSeenBy(os.hostname());
/** For commands: where one of them gets through, a worker may still not. */
export const OUTAGES_OF_COMMANDS = outagesSeenBy(`${os.hostname()} (command)`);

interface Asked {
  isReached: boolean;
  /** Its feed has been read before. */
  wasGood: boolean;
  atMs: number;
}

/**
 * Tells whether feeds fail or our own network is down: then most hosts fail at once, which says
 * nothing of any of them. Failures are held until that is clear.
 */
export class NetworkWatch {
  readonly #listener: OutageListener;
  readonly #now: () => number;
  /** The hosts that were asked last, each once, the latest at the end. */
  readonly #asked = new Map<string, Asked>();
  #held: { finish: Finish; sinceMs: number }[] = [];
  /** Not known at first: an earlier worker of this machine may have left an outage open. */
  #state: 'unknown' | 'up' | 'down' = 'unknown';
  #downMs = 0;
  #answeredMs = Number.NEGATIVE_INFINITY;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(listener: OutageListener, now: () => number = Date.now) {
    this.#listener = listener;
    this.#now = now;
  }

  /** A host answered something, be it an error. */
  async answered(host: string): Promise<void> {
    this.#note(host, { isReached: true, wasGood: true });
    this.#answeredMs = this.#now();
    if (this.#state !== 'up' && !this.#looksDown()) {
      if (this.#state === 'down') {
        log.info('network.up');
        // What failed while it was down must not count when the next host fails.
        this.#forget(false);
        this.#toldMs = Number.NEGATIVE_INFINITY;
      }
      this.#state = 'up';
      await this.#listener.up();
    }
    await this.#writeOverdue();
  }

  /**
   * A host could not be reached. `finish` is called once, now or later.
   * @param wasGood whether its feed has been read before: one that never was may not be there.
   */
  async failed(host: string, wasGood: boolean, finish: Finish): Promise<void> {
    this.#note(host, { isReached: false, wasGood });
    if (this.#state !== 'down' && !this.#looksDown()) {
      this.#held.push({ finish, sinceMs: this.#now() });
      await this.#writeOverdue();
      return;
    }
    const hosts = this.#failedHosts();
    if (this.#state !== 'down') {
      log.warn('network.down', { hosts });
      // Who answered before it does not make it be over.
      this.#forget(true);
      this.#downMs = this.#now();
    }
    this.#state = 'down';
    const outage = { lastsMs: this.#now() - this.#downMs };
    await this.#write(outage);
    await finish(outage);
    if (this.#now() - this.#toldMs < TELL_AGAIN_MS) return;
    this.#toldMs = this.#now();
    await this.#listener.down(hosts);
  }

  /** A run of polls is over: what is still held were faults of the feeds. */
  async end(): Promise<void> {
    await this.#write(undefined);
  }

  #note(host: string, asked: Omit<Asked, 'atMs'>): void {
    this.#asked.delete(host);
    this.#asked.set(host, { ...asked, atMs: this.#now() });
    for (const [name, { atMs }] of this.#asked) {
      const isOld = this.#now() - atMs > WATCHED_MS_MAX;
      if (!isOld && this.#asked.size <= HOSTS_WATCHED_MAX) break;
      this.#asked.delete(name);
    }
  }

  #forget(reached: boolean): void {
    for (const [name, { isReached }] of this.#asked) {
      if (isReached === reached) this.#asked.delete(name);
    }
  }

  #failedHosts(): number {
    return [...this.#asked.values()].filter(({ isReached }) => !isReached).length;
  }

  #looksDown(): boolean {
    const failed = this.#failedHosts();
    const answered = this.#asked.size - failed;
    if (failed < FAILED_HOSTS_MIN || failed < FAILED_SHARE_MIN * answered) return false;
    // While somebody answers, hosts that never did say nothing: a list may be full of dead ones.
    const isSilent = this.#now() - this.#answeredMs > WATCHED_MS_MAX;
    const isLost = ({ isReached, wasGood }: Asked) => !isReached && wasGood;
    return isSilent || [...this.#asked.values()].some(isLost);
  }

  async #write(outage: Outage | undefined): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const { finish } of held) await finish(outage);
  }

  async #writeOverdue(): Promise<void> {
    const first = this.#held[0];
    if (first !== undefined && this.#now() - first.sinceMs > HELD_MS_MAX) {
      await this.#write(undefined);
    }
  }
}
