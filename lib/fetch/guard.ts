import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import net from 'node:net';
import ipaddr from 'ipaddr.js';
import { messageOf } from '../errors.ts';

// What may be fetched at all. One rule for feeds, redirects, discovery, hubs and pictures.

/** The web's own ports and the usual second choices; nothing where mail or databases listen. */
const PORTS_ALLOWED = new Set([80, 443, 8000, 8008, 8080, 8081, 8088, 8443, 8888]);
const URL_CHARACTERS_MAX = 2048;

/** Names that mean this machine or a cloud's metadata, wherever they resolve to. */
const NAMES_REFUSED = /^(.*\.)?(localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/u;
const METADATA_NAMES = new Set(['metadata', 'instance-data', 'metadata.google.internal']);

/** Names that mean nothing outside of one network (RFC 6761, 6762 and 8375; .internal). */
const LOCAL_NAMES = /(^|\.)(localhost|local|internal|home\.arpa|invalid|test)$/u;

export type Verdict = { allowed: true } | { allowed: false; reason: string };

const refuse = (reason: string): Verdict => ({ allowed: false, reason });

/** Of the world's IPv6 addresses only these are given out (RFC 4291, 2.4; IANA's registry). */
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** ISATAP (RFC 5214, 6.1): the second half of such an address is one of these and an IPv4 one. */
const ISATAP = ['0:5efe', '200:5efe'];

/** IPv4 addresses that travel inside IPv6 ones: NAT64 (RFC 6052), 6to4 (RFC 3056), ISATAP. */
function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = address.toByteArray();
  const half = address.parts.slice(4, 6).map((part) => part.toString(16));
  if (address.match(NAT64) || ISATAP.includes(half.join(':'))) {
    return new ipaddr.IPv4(bytes.slice(12));
  }
  return address.range() === '6to4' ? new ipaddr.IPv4(bytes.slice(2, 6)) : undefined;
}

/** Why an IPv6 address, apart from an IPv4 one in it, is none of the public internet's. */
function faultOfIpv6(address: ipaddr.IPv6): string | undefined {
  if (address.match(NAT64)) return undefined;
  const range = address.range();
  // A network's own translation (RFC 8215), to whatever it likes.
  if (range === 'rfc6052') return 'an address of local NAT64';
  if (range === '6to4') return undefined;
  if (range !== 'unicast') return `a ${range} address`;
  return address.match(GIVEN_OUT) ? undefined : 'an address that nobody has been given';
}

/**
 * Whether requests may go to this address. Only public unicast may, and what `allow` opens.
 * @param allow ranges in CIDR form (FETCH_ALLOW).
 */
export function checkAddress(text: string, allow: readonly string[]): Verdict {
  if (!ipaddr.isValid(text)) return refuse(`${text} is no address`);
  const address = ipaddr.process(text); // an IPv4-mapped address becomes IPv4
  if (isOpened(address, allow)) return { allowed: true };
  const outer = address.kind() === 'ipv6' ? (address as ipaddr.IPv6) : undefined;
  const range = (outer ? embeddedIpv4(outer) : address)?.range() ?? 'unicast';
  const fault = range === 'unicast' ? outer && faultOfIpv6(outer) : `a ${range} address`;
  return fault === undefined ? { allowed: true } : refuse(`${text} is ${fault}, not a public one`);
}

function isOpened(address: ipaddr.IPv4 | ipaddr.IPv6, allow: readonly string[]): boolean {
  return allow.some((range) => {
    const cidr = range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`;
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

/** A host as it is looked up: without brackets or a last dot, in lower case. */
const hostOf = (url: URL) =>
  url.hostname
    .replace(/^\[|\]$/gu, '')
    .replace(/\.$/u, '')
    .toLowerCase();

/** Whether this URL may be asked for, before its name is looked up. */
function checkForm(url: URL, allow: readonly string[]): Verdict | 'look up' {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse(`${url.protocol} is not fetched, only http: and https:`);
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('addresses with a user name or password are not fetched');
  }
  const host = hostOf(url);
  if (net.isIP(host) !== 0) {
    const verdict = checkAddress(host, allow);
    if (!verdict.allowed || isOpened(ipaddr.process(host), allow)) return verdict;
    return checkPort(url);
  }
  if (host === '' || /[%\s<>"'`{}|\\^]/u.test(host)) return refuse(`${host} is no host name`);
  if (METADATA_NAMES.has(host)) return refuse(`${host} is a metadata service`);
  return 'look up';
}

function checkPort(url: URL): Verdict {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return PORTS_ALLOWED.has(port) ? { allowed: true } : refuse(`port ${port} is not a web port`);
}

/**
 * Whether an address can be a feed's by its form alone: nothing is looked up. Every request to it
 * passes the guard all the same.
 */
export function checkUrlForm(text: string, allow: readonly string[]): Verdict {
  if (text.length > URL_CHARACTERS_MAX || !URL.canParse(text)) return refuse('this is no address');
  const form = checkForm(new URL(text), allow);
  return form === 'look up' ? { allowed: true } : form;
}

/** Addresses of a name, as the connector wants them. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

const resolveAll: Resolve = (host) => lookup(host, { all: true });

/**
 * Decides whether a URL may be fetched: its form, port and every address of its name. Sends
 * nothing but the look-up. A request also passes the guard at connect time (client.ts), where
 * the address is the one that is used; this answer is for people and for redirects.
 * @param resolve replaces the look-up (tests, `check-url --jsonl` with `dns`).
 */
export async function checkUrl(
  text: string,
  allow: readonly string[],
  resolve: Resolve = resolveAll,
): Promise<Verdict> {
  if (text.length > URL_CHARACTERS_MAX) {
    return refuse(`addresses over ${URL_CHARACTERS_MAX} characters are not fetched`);
  }
  if (!URL.canParse(text)) return refuse('this is no address');
  const url = new URL(text);
  const form = checkForm(url, allow);
  if (form !== 'look up') return form;
  const host = url.hostname.replace(/\.$/u, '').toLowerCase();
  let addresses: LookupAddress[];
  try {
    addresses = await resolve(host);
  } catch (error) {
    return NAMES_REFUSED.test(host)
      ? refuse(`${host} means this machine`)
      : refuse(
          `its name cannot be resolved (${(error as NodeJS.ErrnoException).code ?? messageOf(error)})`,
        );
  }
  return checkAddresses(host, addresses, allow, url);
}

function checkAddresses(
  host: string,
  addresses: LookupAddress[],
  allow: readonly string[],
  url: URL,
): Verdict {
  if (addresses.length === 0) return refuse(`the name ${host} has no address`);
  let allOpened = true;
  for (const { address } of addresses) {
    const verdict = checkAddress(address, allow);
    if (!verdict.allowed) return refuse(`${host} resolves to ${verdict.reason}`);
    allOpened &&= isOpened(ipaddr.process(address), allow);
  }
  if (allOpened) return { allowed: true };
  return NAMES_REFUSED.test(host) ? refuse(`${host} means this machine`) : checkPort(url);
}

/**
 * Whether an address could be asked for from anywhere, by its form alone. Our own name is not
 * looked up: inside of a network it may well lead to a private address.
 */
export function isPublicForm(text: string): boolean {
  const host = hostOf(new URL(text));
  if (net.isIP(host) !== 0) return checkAddress(host, []).allowed;
  return host.includes('.') && !LOCAL_NAMES.test(host);
}

/** Whether `allow` (FETCH_ALLOW) opens every address of this URL's host: it is our own network's. */
export async function isOwnNetwork(
  text: string,
  allow: readonly string[],
  resolve: Resolve = resolveAll,
): Promise<boolean> {
  const host = hostOf(new URL(text));
  if (allow.length === 0) return false;
  const found = net.isIP(host) !== 0 ? [{ address: host }] : await resolve(host).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isOpened(ipaddr.process(address), allow));
}
