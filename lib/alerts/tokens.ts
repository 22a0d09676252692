import { createHmac, timingSafeEqual } from 'node:crypto';
import { config } from '../config.ts';
import { keyFor } from '../keys.ts';

/** What the holder of a link may do. A link for one purpose is worth nothing for another. */
export type Purpose =
  | 'confirm'
  | 'manage'
  | 'unsubscribe'
  | 'quiet'
  | 'never'
  | 'feed'
  | 'owner'
  | 'websub'
  | 'reports';

/** What a token says; whether the version is still in force stands in the database. */
export interface TokenClaim {
  /**
   * Of an alert; of a subscriber for `manage`, `quiet` and `never`, of a feed for `owner`, of a
   * subscription with a hub for `websub`; 0 for `reports`, of which there is one.
   */
  id: number;
  /**
   * An alert's for `unsubscribe`, and one of its own for `confirm`; its subscriber's for `feed` and
   * `manage`; always 1 for `quiet`, `never` and `reports`.
   */
  version: number;
}

/** 128 bits: a guess at a thousand a second does not come to an end. */
const MAC_BYTES = 16;
const TOKEN = /^(\d{1,9})\.([a-z]+)\.(\d{1,9})\.([\w-]+)$/u;

function macOf(purpose: Purpose, { id, version }: TokenClaim): Buffer {
  return createHmac('sha256', keyFor(purpose))
    .update(`${id}.${purpose}.${version}`)
    .digest()
    .subarray(0, MAC_BYTES);
}

/**
 * `ID.PURPOSE.VERSION.MAC`: nothing but the version is stored, and the same claim gives the same
 * token, so that a mail sent again has the links it had before.
 */
export function makeToken(purpose: Purpose, claim: TokenClaim): string {
  const mac = macOf(purpose, claim).toString('base64url');
  return `${claim.id}.${purpose}.${claim.version}.${mac}`;
}

/** @returns undefined for anything that makeToken did not make for this purpose. */
export function readToken(purpose: Purpose, token: string): TokenClaim | undefined {
  const [, id, said, version, mac] = TOKEN.exec(token) ?? [];
  if (mac === undefined || said !== purpose) return undefined;
  const claim = { id: Number(id), version: Number(version) };
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(purpose, claim);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // A number with leading zeros would be a second spelling.
  return makeToken(purpose, claim) === token ? claim : undefined;
}

const FOLDERS: { [purpose in Purpose]?: string } = { websub: 'websub', reports: 'mail/reports' };

/** The address of a link for this purpose. */
export function tokenUrl(purpose: Purpose, claim: TokenClaim): string {
  const suffix = purpose === 'feed' ? '.xml' : '';
  return `${config().siteUrl}/${FOLDERS[purpose] ?? `alerts/${purpose}`}/${makeToken(purpose, claim)}${suffix}`;
}

/** What ends mails of quiet alerts: also when their owner's page has another address by now. */
export const quietClaim = (subscriberId: number): TokenClaim => ({ id: subscriberId, version: 1 });

/** By which an address says that it is never to be asked again, or lifts that: at any time. */
export const neverClaim = (subscriberId: number): TokenClaim => ({ id: subscriberId, version: 1 });

/** What the address for reports of mail servers says; there is one, for the operator to give away. */
export const REPORTS_CLAIM: TokenClaim = { id: 0, version: 1 };

/**
 * What a hub signs the pushes of one subscription with (`hub.secret`: 64 characters of the 200 bytes
 * that the Recommendation allows). It stands nowhere: the same id gives the same secret.
 */
export const hubSecret = (subscriptionId: number) =>
  keyFor(`websub secret ${subscriptionId}`).toString('hex');
