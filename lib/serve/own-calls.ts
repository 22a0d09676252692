import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isLoopback } from './client-address.ts';
import { isSameSecret } from './secrets.ts';
import { shared } from './shared.ts';

/** Carries the process's key: said by this process to itself, never taken from outside. */
export const KEY_HEADER = 'x-tagwire-key';
const NEAR_HEADER = 'x-tagwire-near';
/** What proxies say of the first request, and what Next says to itself: never a reader's word. */
const FORWARDED = /^(forwarded$|x-forwarded-|x-middleware-|x-real-ip$|x-matched-path$)/u;

const ownKey = () => shared().ownKey.toString('base64url');

/**
 * Whether a program on this machine asks for itself. One that forwards (a proxy that TRUST_PROXY
 * does not name) asks for somebody else.
 */
export function isNear(req: IncomingMessage): boolean {
  const { remoteAddress = '', localAddress } = req.socket;
  const isHere = isLoopback(remoteAddress) || remoteAddress === localAddress;
  return isHere && !Object.keys(req.headers).some((name) => FORWARDED.test(name));
}

/** Takes out of a request's headers what only this process may say; adds what it does say. */
export function settleOwnHeaders(headers: IncomingHttpHeaders, near: boolean): void {
  for (const name of Object.keys(headers)) if (FORWARDED.test(name)) delete headers[name];
  delete headers[NEAR_HEADER];
  if (near) headers[NEAR_HEADER] = ownKey();
}

/** In a route: whether the request came from a program on this machine, for itself. */
export function isFromThisMachine(headers: Headers): boolean {
  return isSameSecret(headers.get(NEAR_HEADER) ?? '', ownKey());
}

/** In a route: whether the request came from this very process. */
export function isFromThisProcess(headers: Headers): boolean {
  return isSameSecret(headers.get(KEY_HEADER) ?? '', ownKey());
}

/** The headers of a call to ourselves. */
export const ownHeaders = () => ({ [KEY_HEADER]: ownKey() });
