import { expect, test } from 'vitest';
import { siteOf } from '../../lib/store/site.ts';

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
