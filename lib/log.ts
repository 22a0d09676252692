import pino from 'pino';
import { config } from './config.ts';

type Fields = Record<string, unknown>;

let logger: pino.Logger | undefined;

function target(): pino.Logger {
  logger ??= pino(
    {
      level: config().logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
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
