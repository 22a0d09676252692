import { expect, test } from 'vitest';
import { closenessOf, siteOf } from '../../lib/store/site.ts';

test.each([
  ['https://aws.amazon.com/blogs/aws/feed/', 'amazon.com'],
  ['https://blog.example.co.uk/feed', 'example.co.uk'],
  ['https://one.blogspot.com/feeds/posts/default', 'one.blogspot.com'],
  ['https://name.github.io/feed.xml', 'name.github.io'],
  ['https://feeds.feedburner.com/Name', ''],
  ['https://medium.com/feed/@name', ''],
  ['http://127.0.0.1:8080/feed', '127.0.0.1:8080'],
  ['http://[::1]:8080/feed', '[::1]:8080'],
  ['http://intranet/feed', 'intranet'],
  ['https://bücher.example/feed', 'xn--bcher-kva.example'],
])('%s is on %j', (url, site) => {
  expect(siteOf(url)).toBe(site);
});

test.each([
  ['https://alice.example/feed', 'https://www.alice.example/1', 2],
  ['https://feeds.alice.example/all.xml', 'https://alice.example/1', 1],
  ['https://planet.debian.org/rss20.xml', 'https://bits.debian.org/1', 1],
  ['https://bits.debian.org/feeds/atom.xml', 'https://bits.debian.org/1', 2],
  ['https://mallory.example/feed', 'https://alice.example/1', 0],
  ['https://mallory.github.io/feed.xml', 'https://alice.github.io/1', 0],
  ['https://alice.github.io/feed.xml', 'https://alice.github.io/1', 2],
  ['https://alice.substack.com/feed', 'https://alice.substack.com/p/1', 2],
  ['https://mallory.substack.com/feed', 'https://alice.substack.com/p/1', 0],
  ['https://medium.com/feed/@mallory', 'https://medium.com/@alice/1', 0],
  ['https://feeds.feedburner.com/Mallory', 'https://feeds.feedburner.com/~r/Alice/1', 0],
  ['https://feeds.feedburner.com/Alice', 'https://alice.example/1', 0],
  ['https://gitlab.com/mallory/x/-/raw/main/feed.xml', 'https://gitlab.com/alice/1', 0],
  ['http://127.0.0.1:8080/feed', 'https://127.0.0.1:8080/1', 2],
  ['http://127.0.0.1:8081/feed', 'https://127.0.0.1:8080/1', 0],
  ['https://alice.example/feed', 'urn:uuid:1', 0],
] as const)('a feed at %s is of the publisher of %s by %i', (feed, page, closeness) => {
  expect(closenessOf(feed, page)).toBe(closeness);
});
