import { expect } from 'vitest';
import { complaintsOf } from './feed-rules.ts';
import { jsonFeed } from './json-feed-schema.ts';

/** A feed as it was fetched from `url` is valid, and says that it is there. */
export function expectValidFeed(text: string, url: string): void {
  if (!text.startsWith('{')) {
    expect(complaintsOf(text, url)).toEqual([]);
    return;
  }
  const document = jsonFeed.parse(JSON.parse(text));
  expect(document.feed_url).toBe(url);
}
