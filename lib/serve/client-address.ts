import net from 'node:net';

/** Deeper chains of proxies than this are somebody's invention. */
const HOPS_MAX = 20;

/** Ranges like `10.0.0.0/8` or single addresses, as a set to ask. */
export function addressSet(cidrs: readonly string[]): net.BlockList {
  const set = new net.BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) set.addAddress(address, family);
    else set.addSubnet(address, Number(bits), family);
  }
  return set;
}

/** Without the IPv6 coat that a dual-stack socket gives an IPv4 address. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/iu, '');
}

function has(set: net.BlockList, address: string): boolean {
  const family = net.isIP(address);
  return family !== 0 && set.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

const LOOPBACK = addressSet(['127.0.0.0/8', '::1']);

export const isLoopback = (address: string) => has(LOOPBACK, plainAddress(address));

/**
 * Who asks. X-Forwarded-For counts only as far as proxies that we trust wrote it: from the right,
 * the first address that is not one of them. Anything left of that is the client's own claim.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: net.BlockList,
): string {
  let client = plainAddress(peer);
  const hops = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()));
  for (const hop of hops.reverse().slice(0, HOPS_MAX)) {
    if (!has(trusted, client) || net.isIP(hop) === 0) break;
    client = hop;
  }
  return client;
}

/** The network that limits count by: an IPv4 address, or the /64 that one household has. */
export function networkOf(address: string): string {
  if (!net.isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
