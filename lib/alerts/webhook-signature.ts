import { createHmac } from 'node:crypto';
import { keyFor } from '../keys.ts';

/**
 * The secret of a webhook (Standard Webhooks, “Symmetric”: 24 to 64 bytes). It stands nowhere:
 * the same id and version give the same one.
 */
export const webhookSecret = (webhookId: number, version: number): string =>
  `whsec_${keyFor(`webhook ${webhookId} ${version}`).toString('base64')}`;

const signatureOf = (secret: string, signed: string) => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};

/**
 * The headers of an event after the Standard Webhooks specification.
 * @param sentAt of this attempt: receivers refuse what is old, so that nobody can replay it.
 * @param secrets several while they are changed: receivers take any that fits.
 */
export function signEvent(
  messageId: string,
  body: string,
  sentAt: Date,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1000));
  const signed = `${messageId}.${timestamp}.${body}`;
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => signatureOf(secret, signed)).join(' '),
  };
}
