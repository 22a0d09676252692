import type { ParsedFeed } from '../model/feed.ts';

const iso = (date: Date | undefined) => date?.toISOString() ?? null;

/** A parsed feed as `tagwire parse` prints it: plain values, times ISO 8601 in UTC or null. */
export function showFeed({ channel, items }: ParsedFeed) {
  return {
    feed: {
      title: channel.title,
      link: channel.link ?? null,
      description: channel.description ?? null,
      language: channel.language ?? null,
      updated: iso(channel.updated),
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
    })),
  };
}
