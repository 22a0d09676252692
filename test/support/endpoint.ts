import { createHmac } from 'node:crypto';
import type { FeedServer } from './feed-server.ts';

/** A request as an endpoint of webhooks got it. */
export interface Received {
  headers: Record<string, string>;
  body: string;
}

interface EndpointAnswer {
  status?: number;
  headers?: Record<string, string>;
  text?: string;
}

/** Serves an endpoint that keeps what it gets, in order. */
export function receive(
  server: FeedServer,
  path: string,
  answer: EndpointAnswer | (() => EndpointAnswer) = {},
): Received[] {
  const got: Received[] = [];
  server.serve(path, (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      got.push({ headers: request.headers as Record<string, string>, body });
      const {
        status = 200,
        headers = {},
        text = '',
      } = typeof answer === 'function' ? answer() : answer;
      response.writeHead(status, headers).end(text);
    });
    return 'done';
  });
  return got;
}

/** Verifies as the specification of Standard Webhooks says, on its own. */
export function verifies({ headers, body }: Received, secret: string): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'));
  const expected = mac.update(signed).digest('base64');
  const given = headers['webhook-signature']?.split(' ') ?? [];
  return given.some((each) => each === `v1,${expected}`);
}
