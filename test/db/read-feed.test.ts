import { afterAll, describe, expect, test } from 'vitest';
import { closeReadThreads, parseFeed, readFeed } from '../../lib/ingest/read-feed.ts';

const NOW = new Date('2026-03-01T00:00:00Z');
const options = { url: 'https://k.example/feed.xml', now: NOW };
const bytes = (text: string) => new TextEncoder().encode(text);
const FEED = bytes(
  '<rss version="2.0"><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>',
);

afterAll(() => closeReadThreads());

describe('reading in threads', () => {
  test('gives drafts with dates as dates', async () => {
    const outcome = await readFeed(FEED, options);
    expect(outcome).toMatchObject({
      kind: 'read',
      format: 'rss',
      channel: { title: 'T' },
      drafts: [{ title: 'A', url: 'https://k.example/a', publishedAt: null }],
      dropped: 0,
    });
  });

  test('reads many at once, each its own', async () => {
    const feeds = Array.from({ length: 20 }, (_, i) =>
      bytes(`<rss version="2.0"><channel><title>Feed ${i}</title></channel></rss>`),
    );
    const outcomes = await Promise.all(feeds.map((feed) => parseFeed(feed, {})));
    expect(
      outcomes.map((outcome) => outcome.kind === 'parsed' && outcome.feed.channel.title),
    ).toEqual(feeds.map((_, i) => `Feed ${i}`));
  });

  test('says why bytes are no feed', async () => {
    expect(await readFeed(bytes('<html></html>'), options)).toMatchObject({
      kind: 'unreadable',
      reason: 'html-page',
      message: expect.stringMatching(/web page, not a feed/u),
    });
  });

  test('goes on after a thread was ended', async () => {
    const first = readFeed(FEED, options);
    await closeReadThreads();
    expect(await first).toMatchObject({ kind: 'unreadable' });
    expect(await readFeed(FEED, options)).toMatchObject({ kind: 'read' });
  });

  test('gives up a feed that takes too long, and reads the next', async () => {
    // So many that no machine reads them in a millisecond.
    const items = '<item><title>A</title><link>/a</link></item>'.repeat(20_000);
    const long = bytes(`<rss version="2.0"><channel><title>T</title>${items}</channel></rss>`);
    const outcome = await readFeed(long, { ...options, timeLimitMs: 1 });
    expect(outcome).toMatchObject({ kind: 'unreadable', reason: 'timeout' });
    expect(await readFeed(FEED, options)).toMatchObject({ kind: 'read' });
  });
});
