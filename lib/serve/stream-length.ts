import type { ServerResponse } from 'node:http';

/**
 * How many bytes a streamed answer has. Next takes Content-Length away from what its routes say
 * (16.4: a body may have been decoded on its way), so it goes under another name to us.
 */
export const LENGTH_HEADER = 'x-tagwire-length';

/** Gives an answer the length that its route has said, when its head is written. */
export function settleLength(res: ServerResponse): void {
  const { writeHead } = res;
  res.writeHead = ((...given: unknown[]) => {
    const length = res.getHeader(LENGTH_HEADER);
    if (length !== undefined) {
      res.removeHeader(LENGTH_HEADER);
      res.setHeader('content-length', length);
    }
    return Reflect.apply(writeHead, res, given);
  }) as typeof writeHead;
}
