// Addresses of which it is known where they lead, or which of several the page itself names as
// canonical. Each rule gives a full address, or undefined where it does not apply. What one gives
// is looked at again, so rules may build on each other.

type Rule = (url: URL) => string | undefined;

const isOn = (url: URL, ...domains: string[]) =>
  domains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`));

/** Redirectors that say in a parameter where they lead: host, path, parameter. */
const REDIRECTORS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^(www\.)?google\.[a-z.]{2,6}$/u, /^\/url$/u, 'q'],
  [/^(www\.)?google\.[a-z.]{2,6}$/u, /^\/url$/u, 'url'],
  [/^lm?\.facebook\.com$/u, /^\/l\.php$/u, 'u'],
  [/^l\.instagram\.com$/u, /^\/$/u, 'u'],
  [/^t\.umblr\.com$/u, /^\/redirect$/u, 'z'],
  [/^out\.reddit\.com$/u, /^\//u, 'url'],
  [/^(www\.)?youtube\.com$/u, /^\/redirect$/u, 'q'],
  [/^(www\.)?vk\.com$/u, /^\/away\.php$/u, 'to'],
  [/^slack-redir\.net$/u, /^\/link$/u, 'url'],
  [/^(www\.)?linkedin\.com$/u, /^\/redir\/redirect$/u, 'url'],
  [/^steamcommunity\.com$/u, /^\/linkfilter\/?$/u, 'url'],
  [/^medium\.com$/u, /^\/m\/global-identity(-2)?$/u, 'redirectUrl'],
  [/^(www\.)?duckduckgo\.com$/u, /^\/l\/?$/u, 'uddg'],
];

const redirector: Rule = (url) => {
  for (const [host, path, parameter] of REDIRECTORS) {
    if (!host.test(url.hostname) || !path.test(url.pathname)) continue;
    const target = url.searchParams.get(parameter);
    if (target !== null && /^https?:\/\//iu.test(target) && URL.canParse(target)) return target;
  }
  return undefined;
};

/** Feeds that lead through a redirector of the site, the page's address behind it. */
const feedRedirector: Rule = (url) => {
  // The Register: go.theregister.com/feed/www.theregister.com/2026/…
  if (url.hostname !== 'go.theregister.com') return undefined;
  const target = /^\/feed\/([\w.-]+\.theregister\.com\/.*)$/u.exec(url.pathname)?.[1];
  return target && `https://${target}`;
};

/** AMP: caches of it, and a site's own copies, whose canonical page is the one without. */
const amp: Rule = (url) => {
  const { hostname, pathname } = url;
  const cached = isOn(url, 'cdn.ampproject.org')
    ? /^\/(?:[cvir]|wp)\/(?:s\/)?([\w.-]+\/.*)$/u.exec(pathname)
    : /^(www\.)?google\.[a-z.]{2,6}$/u.test(hostname)
      ? /^\/amp\/(?:s\/)?([\w.-]+\/.*)$/u.exec(pathname)
      : null;
  if (cached?.[1] !== undefined) return `https://${cached[1]}${url.search}`;
  const own = new URL(url);
  own.hostname = hostname.replace(/^amp\.(?=[^.]+\.)/u, 'www.');
  own.pathname = pathname
    .replace(/^\/amp(?=\/[^/]+\/)/u, '')
    .replace(/(?<=[^/])\/amp\/?$/u, '')
    .replace(/\.amp(?=(\.html?)?$)/u, '');
  if (/^(1|true|)$/u.test(url.searchParams.get('amp') ?? 'no')) own.searchParams.delete('amp');
  if (url.searchParams.get('outputType') === 'amp') own.searchParams.delete('outputType');
  return own.href === url.href ? undefined : own.href;
};

const youtube: Rule = (url) => {
  const id = isOn(url, 'youtu.be')
    ? /^\/([\w-]{11})$/u.exec(url.pathname)?.[1]
    : isOn(url, 'youtube.com', 'youtube-nocookie.com')
      ? /^\/(?:embed|v|shorts|live)\/([\w-]{11})$/u.exec(url.pathname)?.[1]
      : undefined;
  if (id !== undefined) return `https://www.youtube.com/watch?v=${id}`;
  return url.hostname === 'm.youtube.com' ? url.href.replace('//m.', '//www.') : undefined;
};

/** Pages of one text in several forms: the abstract's, or the editor's. */
const papers: Rule = (url) => {
  if (isOn(url, 'arxiv.org')) {
    const id = /^\/(?:pdf|html|ps)\/([\w./-]+?)(?:\.pdf)?$/u.exec(url.pathname)?.[1];
    return id && `https://arxiv.org/abs/${id}`;
  }
  if (!isOn(url, 'ietf.org', 'rfc-editor.org')) return undefined;
  const number = /^\/(?:doc\/)?(?:html|rfc|pdf|info)\/?(?:rfc)?(\d{1,5})(?:\.(?:html|txt|pdf))?$/iu;
  const rfc = number.exec(url.pathname.replace(/^\/doc\/rfc/iu, '/rfc/rfc'))?.[1];
  const there = rfc && `https://www.rfc-editor.org/rfc/rfc${Number(rfc)}`;
  return there === url.href ? undefined : there;
};

/** Hosts whose mobile or old face shows the same page. */
const faces: Rule = (url) => {
  const host = url.hostname
    .replace(/^([a-z-]{2,12})\.m\.(wikipedia|wiktionary|wikinews)\.org$/u, '$1.$2.org')
    .replace(/^(mobile|m|www)\.(twitter|x)\.com$|^x\.com$/u, 'twitter.com')
    .replace(/^(old|new|np|m|i|amp)\.reddit\.com$|^reddit\.com$/u, 'www.reddit.com')
    .replace(/^([\w-]+)\.blogspot\.(?!com$)[a-z.]{2,6}$/u, '$1.blogspot.com');
  if (host === url.hostname) return undefined;
  const there = new URL(url);
  there.hostname = host;
  return there.href;
};

/** What pages of one host name as canonical, whatever address they were asked by. */
const ownPages: Rule = (url) => {
  const { hostname, pathname } = url;
  if (isOn(url, 'lwn.net')) {
    const article = /^\/Articles\/(\d+)\/rss\/?$/u.exec(pathname)?.[1];
    return article && `https://lwn.net/Articles/${article}/`;
  }
  if (isOn(url, 'blogspot.com') && /^[01]$/u.test(url.searchParams.get('m') ?? '')) {
    const there = new URL(url);
    there.searchParams.delete('m');
    return there.href;
  }
  if (hostname === 'open.substack.com') {
    const [, name, post] = /^\/pub\/([\w-]+)\/p\/([\w-]+)$/u.exec(pathname) ?? [];
    return post && `https://${name}.substack.com/p/${post}`;
  }
  if (isOn(url, 'medium.com')) {
    // A story's number stands behind its title; author and publication before it may change.
    const story = /-([0-9a-f]{10,12})$/u.exec(pathname)?.[1];
    return story && `https://medium.com/p/${story}`;
  }
  return undefined;
};

const RULES: readonly Rule[] = [redirector, feedRedirector, amp, youtube, papers, faces, ownPages];

/** Where a known address leads, or which other address its page has; undefined when none is known. */
export function knownAddress(url: URL): string | undefined {
  for (const rule of RULES) {
    const there = rule(url);
    if (there !== undefined) return there;
  }
  return undefined;
}
