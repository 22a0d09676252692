import { createHmac, timingSafeEqual } from 'node:crypto';
import { config } from '../config.ts';
import { keyFor } from '../keys.ts';

// A mail that comes back must say by itself which it was, and nobody else may say so: anyone can
// write to the address of bounces, and whoever is believed there ends a stranger's alerts. So each
// mail has a return path of its own (variable envelope return path), signed as links are.

/** 80 bits: enough against guesses by mail, and a local part has 64 characters at most. */
const MAC_CHARACTERS = 16;
/** Mail servers may fold case, so base 32 in lower case (RFC 4648, section 6), not base64url. */
const DIGITS = 'abcdefghijklmnopqrstuvwxyz234567';
const SUFFIX = /\+(\d{1,9})\.([a-z2-7]{16})@/u;

function macOf(deliveryId: number): string {
  const mac = createHmac('sha256', keyFor('return path')).update(String(deliveryId)).digest();
  return [...mac.subarray(0, MAC_CHARACTERS)].map((byte) => DIGITS.charAt(byte & 31)).join('');
}

/**
 * Where a mail is sent back to: MAIL_BOUNCES with the delivery's id and a MAC behind a plus sign
 * (RFC 5233). @returns undefined without MAIL_BOUNCES: then bounces go to the sender.
 */
export function makeReturnPath(deliveryId: number): string | undefined {
  const { mailBounces } = config();
  if (mailBounces === undefined) return undefined;
  const at = mailBounces.lastIndexOf('@');
  return `${mailBounces.slice(0, at)}+${deliveryId}.${macOf(deliveryId)}${mailBounces.slice(at)}`;
}

/** The delivery that a return path is of; undefined for what makeReturnPath did not make. */
export function readReturnPath(address: string): number | undefined {
  const [, id, mac] = SUFFIX.exec(address.toLowerCase()) ?? [];
  if (id === undefined || mac === undefined || String(Number(id)) !== id) return undefined;
  const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(Number(id))));
  return isOurs ? Number(id) : undefined;
}
