import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { REPORTS_CLAIM, readToken } from '../alerts/tokens.ts';
import { saveMailReport } from '../store/mail-reports.ts';

/** Wrong addresses from one network: a guess does not come to an end, nor may it cost us. */
const BAD_REQUESTS_MAX = 30;
const BAD_REQUESTS_SECONDS = 5 * 60;

const limiter = new RateLimiterMemory({ points: BAD_REQUESTS_MAX, duration: BAD_REQUESTS_SECONDS });

/** `busy`: too many wait to be read. */
export type ReportAnswer =
  | { kind: 'kept' | 'too-large' | 'empty' | 'unknown' }
  | { kind: 'busy' | 'too-many'; retryAfterSeconds: number };

const BUSY_SECONDS = 60;

/**
 * Takes a report of a mail server, for a worker to read. Nothing is parsed here.
 * @param read reads the body; undefined when it is too large. Called only for the right token.
 * @param network where it comes from, for the limit.
 */
export async function acceptMailReport(
  token: string,
  read: () => Promise<Uint8Array | undefined>,
  network: string,
): Promise<ReportAnswer> {
  if (readToken('reports', token)?.version !== REPORTS_CLAIM.version) {
    try {
      await limiter.consume(network);
    } catch (limit) {
      if (!(limit instanceof RateLimiterRes)) throw limit;
      return { kind: 'too-many', retryAfterSeconds: Math.ceil(limit.msBeforeNext / 1000) };
    }
    return { kind: 'unknown' };
  }
  const body = await read();
  if (body === undefined) return { kind: 'too-large' };
  if (body.length === 0) return { kind: 'empty' };
  const isKept = await saveMailReport(body, new Date());
  return isKept ? { kind: 'kept' } : { kind: 'busy', retryAfterSeconds: BUSY_SECONDS };
}
