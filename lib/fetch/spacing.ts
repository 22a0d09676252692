import { setTimeout as sleep } from 'node:timers/promises';
import { config } from '../config.ts';

/** Hosts that are remembered before those at rest are looked for and forgotten. */
const HOSTS_REMEMBERED_MAX = 1000;

/**
 * Keeps requests to one host apart: at most `concurrency` at a time, and `delayMs` between the
 * end of one and the start of the next. Hosts do not wait for each other.
 */
export class HostSpacing {
  readonly #delayMs: number;
  readonly #concurrency: number;
  readonly #wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly #now: () => number;
  readonly #hosts = new Map<string, { running: number; freeAt: number; queue: (() => void)[] }>();

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
    const host = this.#hosts.get(name) ?? { running: 0, freeAt: 0, queue: [] };
    this.#hosts.set(name, host);
    if (host.running >= this.#concurrency) {
      await new Promise<void>((resolve) => host.queue.push(resolve));
    } else {
      host.running++;
    }
    try {
      const pause = host.freeAt - this.#now();
      if (pause > 0) await this.#wait(pause, signal);
      signal?.throwIfAborted();
      return await work();
    } finally {
      host.freeAt = this.#now() + this.#delayMs;
      const next = host.queue.shift();
      if (next) next();
      else {
        host.running--;
        if (this.#hosts.size > HOSTS_REMEMBERED_MAX) this.#forgetHostsAtRest();
      }
    }
  }

  /** How many hosts are remembered now. */
  get hosts(): number {
    return this.#hosts.size;
  }

  #forgetHostsAtRest(): void {
    for (const [name, { running, freeAt }] of this.#hosts) {
      if (running === 0 && freeAt <= this.#now()) this.#hosts.delete(name);
    }
  }
}

let spacing: { of: string; hosts: HostSpacing } | undefined;

/** One for the process, by the settings in force. */
export function hostSpacing(): HostSpacing {
  const { fetchHostDelayMs: delayMs, fetchHostConcurrency: concurrency } = config();
  const of = `${delayMs} ${concurrency}`;
  if (spacing?.of !== of) spacing = { of, hosts: new HostSpacing({ delayMs, concurrency }) };
  return spacing.hosts;
}
