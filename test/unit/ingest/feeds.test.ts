import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseForShow } from '../../../lib/ingest/read-bytes.ts';
import { showFeed } from '../../../lib/ingest/show-feed.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/feeds');
const FEEDS = fs.readdirSync(FOLDER).filter((file) => !file.endsWith('.expected.json'));

describe('feeds as the wire brings them, and what we make of them', () => {
  test('there are pairs', () => {
    expect(FEEDS.length).toBeGreaterThan(20);
  });

  test.each(FEEDS)('%s', async (file) => {
    const outcome = await parseForShow(fs.readFileSync(path.join(FOLDER, file)), {
      url: 'https://kernel.example/feeds/all.xml',
    });
    if (outcome.kind !== 'parsed') throw new Error(outcome.message);
    const expected = path.join(FOLDER, file.replace(/\.[a-z]+$/u, '.expected.json'));
    expect(showFeed(outcome.feed)).toEqual(JSON.parse(fs.readFileSync(expected, 'utf8')));
  });
});

describe('what is no feed', () => {
  const reason = async (text: string) => {
    const outcome = await parseForShow(new TextEncoder().encode(text), {});
    return outcome.kind === 'unreadable' ? outcome.reason : outcome.kind;
  };

  test('is told apart', async () => {
    expect(await reason(' \n')).toBe('empty');
    expect(await reason('<!doctype html><html><body><p>Hello</p></body></html>')).toBe('html-page');
    expect(await reason('{"hello":1}')).toBe('not-a-feed');
    expect(await reason('Not found')).toBe('not-a-feed');
    expect(await reason(' '.repeat(8 * 1024 * 1024 + 1))).toBe('too-large');
  });

  test('a feed without items is a feed', async () => {
    expect(await reason('<rss version="2.0"><channel></channel></rss>')).toBe('parsed');
    expect(await reason('<feed xmlns="http://www.w3.org/2005/Atom"/>')).toBe('parsed');
    expect(await reason('<rss><channel><item/></channel></rss>')).toBe('parsed');
  });
});
