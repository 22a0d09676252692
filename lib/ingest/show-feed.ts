import type { ParsedFeed } from '../model/feed.ts';

const iso = (date: Date | undefined) => date?.toISOString() ?? null;

/**
 * A parsed feed as `tagwire parse` prints it: plain values, times ISO 8601 in UTC or null. What few
 * feeds have (enclosures, pictures, licences, deletions) stands there only where it is.
 */
export function showFeed({ channel, items, deletedIds }: ParsedFeed) {
  return {
    feed: {
      title: channel.title,
      link: channel.link ?? null,
      description: channel.description ?? null,
      language: channel.language ?? null,
      updated: iso(channel.updated),
      ...(channel.licence === undefined ? {} : { licence: channel.licence }),
      ...(deletedIds.length === 0 ? {} : { deleted: deletedIds }),
    },
    entries: items.map((item) => ({
      title: item.title ?? null,
      link: item.link ?? null,
      id: item.id ?? null,
      author: item.authors.map((author) => author.name).join(', ') || null,
      published: iso(item.published),
      updated: iso(item.updated),
      tags: item.categories,
      summary: item.summary ?? null,
      content: item.content ?? null,
      ...(item.enclosures.length === 0 ? {} : { enclosures: item.enclosures }),
      ...(item.picture === undefined ? {} : { picture: item.picture }),
      ...(item.commentsUrl === undefined ? {} : { comments: item.commentsUrl }),
      ...(item.licence === undefined ? {} : { licence: item.licence }),
    })),
  };
}
