// Sites whose feeds lie at addresses that follow from those of their pages. Most of them name
// their feeds in their pages too, if not always the one that is meant.

/** Where the feeds of a page should be, the most wanted first. */
export interface KnownFeeds {
  /** As the site's own documentation has them. */
  documented: string[];
  /** By the look of the address: any site may run such software. */
  likely: string[];
}

interface Shape {
  hosts: RegExp;
  /** @param parts of the path, as written. @returns paths and queries on `origin`, or addresses. */
  feeds: (parts: string[], url: URL) => (string | undefined)[];
}

const youtube = (name: string, value: string | null | undefined) =>
  value
    ? `https://www.youtube.com/feeds/videos.xml?${name}=${encodeURIComponent(value)}`
    : undefined;

const DOCUMENTED: Shape[] = [
  {
    hosts: /^(www\.|m\.)?youtube\.com$/u,
    feeds: ([kind, id], { searchParams }) => [
      kind === 'channel' ? youtube('channel_id', id) : undefined,
      kind === 'user' ? youtube('user', id) : undefined,
      youtube('playlist_id', searchParams.get('list')),
    ],
  },
  {
    // Releases stand in the feed of tags as well, but only those have notes.
    hosts: /^(www\.)?github\.com$/u,
    feeds: ([owner, repository, kind, branch]) => {
      if (owner === undefined) return [];
      if (repository === undefined) return [`/${owner}.atom`];
      const home = `/${owner}/${repository}`;
      if (kind === 'commits' && branch) return [`${home}/commits/${branch}.atom`];
      return [kind === 'tags' ? undefined : `${home}/releases.atom`, `${home}/tags.atom`];
    },
  },
  {
    hosts: /^gitlab\./u,
    feeds: (parts) => {
      const end = parts.indexOf('-');
      const project = (end === -1 ? parts : parts.slice(0, end)).join('/');
      if (!project.includes('/')) return [];
      return [`/${project}/-/releases.atom`, `/${project}/-/tags?format=atom`];
    },
  },
  {
    hosts: /^codeberg\.org$/u,
    feeds: ([owner, repository]) => [
      repository ? `/${owner}/${repository}/releases.rss` : owner && `/${owner}.rss`,
    ],
  },
  {
    hosts: /^(www\.|old\.|new\.|m\.)?reddit\.com$/u,
    feeds: ([kind, name]) => {
      const place = kind === 'u' ? 'user' : kind;
      if (!name || (place !== 'r' && place !== 'user')) return [];
      return [`https://www.reddit.com/${place}/${name}/.rss`];
    },
  },
  {
    hosts:
      /^(stackoverflow\.com|superuser\.com|serverfault\.com|askubuntu\.com|mathoverflow\.net|.+\.stackexchange\.com)$/u,
    feeds: ([kind, how, tag]) => [
      kind === 'questions' && how === 'tagged' && tag ? `/feeds/tag/${tag}` : undefined,
    ],
  },
  {
    hosts: /^medium\.com$/u,
    feeds: ([name]) => [name && name !== 'feed' ? `/feed/${name}` : undefined],
  },
];

/** A profile of Mastodon and its kind; `/@name@host` is somebody else's. */
const PROFILE = /^\/@[\w.-]+\/?$/u;

/** The feeds that should belong to a page, by its address alone. Nothing is asked. */
export function knownFeeds(page: string): KnownFeeds {
  const url = new URL(page);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const shape = DOCUMENTED.find(({ hosts }) => hosts.test(url.hostname));
  const absolute = (place: string) => new URL(place, url).href;
  const documented = (shape?.feeds(parts, url) ?? []).filter((place) => place !== undefined);
  if (shape !== undefined) return { documented: documented.map(absolute), likely: [] };
  const likely = PROFILE.test(url.pathname) ? [`/${parts[0]}.rss`] : [];
  return { documented: [], likely: likely.map(absolute) };
}
