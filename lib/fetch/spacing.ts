import { setTimeout as sleep } from 'node:timers/promises';
import { config } from '../config.ts';
import { type FetchAnswer, type FetchRequest, fetchGuarded } from './client.ts';

/** Hosts that are remembered before those at rest are looked for and forgotten. */
const HOSTS_REMEMBERED_MAX = 1000;

interface Slot {
  isTaken: boolean;
  /** When its rest is over, in ms. */
  freeAt: number;
}

interface Host {
  slots: Slot[];
  /** Who waits is given a slot that stays taken, so that nobody gets in between. */
  queue: ((slot: Slot) => void)[];
}

/**
 * Keeps the requests of one process to one host apart: at most `concurrency` at a time, and in
 * each of so many slots `delayMs` between the end of one and the start of the next. Hosts do not
 * wait for each other. Polls do not wait here either: they have a turn that all workers share
 * (lib/store/host-turns.ts), unless something else of this process asks their host.
 */
export class HostSpacing {
  readonly #delayMs: number;
  readonly #concurrency: number;
  readonly #wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly #now: () => number;
  readonly #hosts = new Map<string, Host>();

  /** @param clock replaced in tests: time in ms, and how to wait. */
  constructor(
    limits: { delayMs: number; concurrency: number },
    clock = {
      now: () => Date.now(),
      wait: (ms: number, signal?: AbortSignal): Promise<void> =>
        sleep(ms, undefined, signal ? { signal } : {}),
    },
  ) {
    this.#delayMs = limits.delayMs;
    this.#concurrency = limits.concurrency;
    this.#now = clock.now;
    this.#wait = clock.wait;
  }

  /**
   * Runs `work` when the host of `url` may be asked, first come, first served.
   * @throws AbortError when `signal` is aborted before that.
   */
  async run<T>(url: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const name = new URL(url).host;
    const host = this.#hosts.get(name) ?? { slots: [], queue: [] };
    this.#hosts.set(name, host);
    const slot =
      this.#freeSlot(host) ?? (await new Promise<Slot>((resolve) => host.queue.push(resolve)));
    slot.isTaken = true;
    let hasAsked = false;
    try {
      const pause = slot.freeAt - this.#now();
      if (pause > 0) await this.#wait(pause, signal);
      signal?.throwIfAborted();
      hasAsked = true;
      return await work();
    } finally {
      if (hasAsked) slot.freeAt = this.#now() + this.#delayMs;
      const next = host.queue.shift();
      if (next) next(slot);
      else {
        slot.isTaken = false;
        if (this.#hosts.size > HOSTS_REMEMBERED_MAX) this.#forgetHostsAtRest();
      }
    }
  }

  /** How many hosts are remembered now. */
  get hosts(): number {
    return this.#hosts.size;
  }

  /** One that rests no more, a new one as long as there may be, or the one that rests least. */
  #freeSlot({ slots }: Host): Slot | undefined {
    const [first] = slots.filter((slot) => !slot.isTaken).sort((a, b) => a.freeAt - b.freeAt);
    const rests = first === undefined || first.freeAt > this.#now();
    if (!rests || slots.length === this.#concurrency) return first;
    const made = { isTaken: false, freeAt: 0 };
    slots.push(made);
    return made;
  }

  #forgetHostsAtRest(): void {
    const isAtRest = (slot: Slot) => !slot.isTaken && slot.freeAt <= this.#now();
    for (const [name, { slots }] of this.#hosts) {
      if (slots.every(isAtRest)) this.#hosts.delete(name);
    }
  }
}

let spacing: { of: string; hosts: HostSpacing } | undefined;

/** One for the process, by the settings in force. */
function hostSpacing(): HostSpacing {
  const { fetchHostDelayMs: delayMs, fetchHostConcurrency: concurrency } = config();
  const of = `${delayMs} ${concurrency}`;
  if (spacing?.of !== of) spacing = { of, hosts: new HostSpacing({ delayMs, concurrency }) };
  return spacing.hosts;
}

/**
 * One guarded request, when its host may be asked; each redirect waits for its own host, and holds
 * no other meanwhile: many blogs lead to one place.
 */
export function fetchSpaced(wanted: FetchRequest): Promise<FetchAnswer> {
  return fetchGuarded({
    ...wanted,
    // The guard says what is wrong with what is no address, which has no host to wait for.
    whenFree: (url, work) =>
      URL.canParse(url) ? hostSpacing().run(url, work, wanted.signal) : work(),
  });
}
