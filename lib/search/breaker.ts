/** As long as nobody is kept waiting for a server that has been silent. */
const REST_MS = 5_000;

/** One request, from when it was allowed to its end. */
export interface Attempt {
  /** The server said something, if only no. */
  answered(): void;
  /** The server let the time pass. @returns whether it is left alone now, and was not before. */
  silent(): boolean;
}

/**
 * Leaves a server alone for some seconds once it has let a request's time pass, so that the next
 * ones need not wait for it too. Then one request tries, and the others go on without it until that
 * one is answered. A server that answered others meanwhile is slow with one, not silent.
 */
export class Breaker {
  readonly #now: () => number;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** Undefined while the server is asked by all. */
  #restsUntil: number | undefined;
  #isTrying = false;

  /** @param now milliseconds on a clock that never goes back. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Allows a request; undefined while the server is left alone. Each must come to its end. */
  begin(): Attempt | undefined {
    const startedAt = this.#now();
    const isTrial = this.#restsUntil !== undefined;
    if (isTrial) {
      if (this.#isTrying || startedAt < (this.#restsUntil ?? 0)) return undefined;
      this.#isTrying = true;
    }
    return {
      answered: () => {
        if (isTrial) this.#isTrying = false;
        this.#answeredAt = this.#now();
        this.#restsUntil = undefined;
      },
      silent: () => {
        if (isTrial) this.#isTrying = false;
        if (this.#answeredAt > startedAt) return false;
        const isNew = this.#restsUntil === undefined;
        this.#restsUntil = this.#now() + REST_MS;
        return isNew;
      },
    };
  }
}
