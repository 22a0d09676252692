import pino from 'pino';
import { config, isGiven } from './config.ts';

type Fields = Record<string, unknown>;

let logger: pino.Logger | undefined;
let unasked: 'warn' | 'error' | undefined;

/**
 * Has this process log less where no LOG_LEVEL is given: a command says itself what it has done,
 * and its lines are read by a person.
 */
export function logLess(level: 'warn' | 'error'): void {
  unasked = level;
  logger = undefined;
}

/** What helps of an error; drivers hang whole connections, passwords included, on theirs. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  const { code } = error as { code?: unknown };
  return { name, message, ...(typeof code === 'string' ? { code } : {}), stack };
}

function target(): pino.Logger {
  logger ??= pino(
    {
      level: (isGiven('LOG_LEVEL') ? undefined : unasked) ?? config().logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    // Standard output is for results only.
    pino.destination({ fd: 2, sync: true }),
  );
  return logger;
}

/**
 * Writes one JSON line for one event to standard error. The event is a fixed name like
 * `feed.polled`; everything that varies is a field. Never pass tokens, passwords or mail bodies.
 */
export const log = {
  debug: (event: string, fields: Fields = {}) => target().debug({ event, ...fields }),
  info: (event: string, fields: Fields = {}) => target().info({ event, ...fields }),
  warn: (event: string, fields: Fields = {}) => target().warn({ event, ...fields }),
  error: (event: string, fields: Fields = {}) => target().error({ event, ...fields }),
};
