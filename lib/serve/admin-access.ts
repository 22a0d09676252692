import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { networkOf } from './client-address.ts';
import { isSameSecret } from './secrets.ts';

/** Wrong passwords from one network before it has to wait: typing errors, not a search. */
const ATTEMPTS_MAX = 10;
const ATTEMPTS_SECONDS = 15 * 60;

/** How a request to the operator's pages ends before it reaches them. */
export type AdminAccess =
  | { kind: 'granted' }
  | { kind: 'no-password-set' }
  | { kind: 'unauthorised' }
  | { kind: 'too-many-attempts'; retryAfterSeconds: number };

/** The password of HTTP Basic credentials (RFC 7617); the user's name does not matter. */
function passwordOf(authorization: string | null): string | undefined {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)\s*$/iu.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : text.slice(colon + 1);
}

/** Decides who may see the operator's pages, counting wrong passwords by network. */
export class AdminGate {
  readonly #limiter = new RateLimiterMemory({ points: ATTEMPTS_MAX, duration: ATTEMPTS_SECONDS });
  readonly #password: string | undefined;

  constructor(password: string | undefined) {
    this.#password = password;
  }

  async check(authorization: string | null, clientAddress: string): Promise<AdminAccess> {
    if (this.#password === undefined) return { kind: 'no-password-set' };
    const given = passwordOf(authorization);
    if (given === undefined) return { kind: 'unauthorised' };
    const network = networkOf(clientAddress);
    try {
      // Counted before it is looked at: many at once must not count as one.
      await this.#limiter.consume(network);
    } catch (limit) {
      if (!(limit instanceof RateLimiterRes)) throw limit;
      const retryAfterSeconds = Math.ceil(limit.msBeforeNext / 1000);
      return { kind: 'too-many-attempts', retryAfterSeconds };
    }
    if (!isSameSecret(given, this.#password)) return { kind: 'unauthorised' };
    await this.#limiter.reward(network);
    return { kind: 'granted' };
  }
}
