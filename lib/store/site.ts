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

/** Domains where anybody can have a file served: not even the host says who wrote it. */
const FILE_DOMAINS = new Set(
  'github.com gitlab.com codeberg.org bitbucket.org sourceforge.net archive.org google.com'.split(
    ' ',
  ),
);
/** Hosts of a shared domain that are no publisher's own: feeds.feedburner.com, www.tumblr.com. */
const NOBODYS_HOST = /^(www|feeds?|rss|api|open|users)\./u;

const hostOf = (url: URL) => url.host.replace(/^www\./u, '');

/**
 * How well the address from where a feed is fetched proves that it is of the publisher of a page:
 * 2 on the page's host, 1 on its site, 0 not at all. What a feed says of itself proves nothing,
 * nor does a host that serves many publishers. The same host counts for more, since a planet may
 * be on the site of those it carries (planet.debian.org, bits.debian.org).
 */
export function closenessOf(feedUrl: string, pageUrl: string): 0 | 1 | 2 {
  const [feed, page] = [URL.parse(feedUrl), URL.parse(pageUrl)];
  if (feed === null || page === null || !/^https?:$/u.test(page.protocol)) return 0;
  const { domain } = parse(feed.hostname, { allowPrivateDomains: true });
  if (domain !== null && FILE_DOMAINS.has(domain)) return 0;
  const isSameHost = hostOf(feed) === hostOf(page);
  const site = siteOf(feedUrl);
  if (site === '') {
    const isNobodys = feed.hostname === domain || NOBODYS_HOST.test(feed.hostname);
    return isSameHost && !isNobodys ? 2 : 0;
  }
  if (isSameHost) return 2;
  return site === siteOf(pageUrl) ? 1 : 0;
}
