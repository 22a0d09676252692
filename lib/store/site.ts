import { parse } from 'tldts';

/**
 * Hosts that serve many publishers and are no public suffixes: what one of their feeds is asked
 * says nothing of the others.
 */
const SHARED_HOSTS = new Set(
  (
    'feedburner.com medium.com substack.com tumblr.com livejournal.com dreamwidth.org ' +
    'typepad.com ghost.io squarespace.com beehiiv.com buttondown.com buttondown.email ' +
    'libsyn.com buzzsprout.com simplecast.com megaphone.fm'
  ).split(' '),
);

/**
 * The site that an address belongs to, for rests that its server asks for: the registrable domain
 * by the Public Suffix List, where blogs on a shared host (`name.blogspot.com`) are sites of
 * their own; for a bare address or a name without a suffix, host and port.
 * @returns '' for hosts that are shared in other ways: then a rest is the feed's alone.
 */
export function siteOf(url: string): string {
  const { host, hostname } = new URL(url);
  const { domain, isIp } = parse(hostname, { allowPrivateDomains: true });
  if (isIp || domain === null) return host;
  return SHARED_HOSTS.has(domain) ? '' : domain;
}
