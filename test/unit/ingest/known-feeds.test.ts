import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { knownFeeds } from '../../../lib/ingest/known-feeds.ts';

const VIDEOS = 'https://www.youtube.com/feeds/videos.xml';

describe('feeds that follow from the address of a page', () => {
  test.each([
    ['https://www.youtube.com/channel/UCabc_-1', [`${VIDEOS}?channel_id=UCabc_-1`]],
    ['https://m.youtube.com/channel/UCabc/videos', [`${VIDEOS}?channel_id=UCabc`]],
    ['https://youtube.com/user/pond', [`${VIDEOS}?user=pond`]],
    ['https://www.youtube.com/playlist?list=PL1', [`${VIDEOS}?playlist_id=PL1`]],
    ['https://www.youtube.com/watch?v=x&list=PL1%262', [`${VIDEOS}?playlist_id=PL1%262`]],
    ['https://www.youtube.com/@pond', []],
    [
      'https://github.com/pond/reed',
      ['https://github.com/pond/reed/releases.atom', 'https://github.com/pond/reed/tags.atom'],
    ],
    ['https://github.com/pond/reed/tags', ['https://github.com/pond/reed/tags.atom']],
    [
      'https://github.com/pond/reed/commits/main',
      ['https://github.com/pond/reed/commits/main.atom'],
    ],
    ['https://github.com/pond', ['https://github.com/pond.atom']],
    ['https://github.com/', []],
    [
      'https://gitlab.com/pond/water/reed/-/issues',
      [
        'https://gitlab.com/pond/water/reed/-/releases.atom',
        'https://gitlab.com/pond/water/reed/-/tags?format=atom',
      ],
    ],
    ['https://gitlab.gnome.org/pond', []],
    ['https://codeberg.org/pond/reed', ['https://codeberg.org/pond/reed/releases.rss']],
    ['https://codeberg.org/pond', ['https://codeberg.org/pond.rss']],
    ['https://old.reddit.com/r/pond/top/', ['https://www.reddit.com/r/pond/.rss']],
    ['https://www.reddit.com/u/ada', ['https://www.reddit.com/user/ada/.rss']],
    ['https://www.reddit.com/', []],
    [
      'https://stackoverflow.com/questions/tagged/postgresql',
      ['https://stackoverflow.com/feeds/tag/postgresql'],
    ],
    [
      'https://unix.stackexchange.com/questions/tagged/c%2b%2b',
      ['https://unix.stackexchange.com/feeds/tag/c%2b%2b'],
    ],
    ['https://medium.com/@ada', ['https://medium.com/feed/@ada']],
  ])('%s', (page, documented) => {
    expect(knownFeeds(page)).toEqual({ documented, likely: [] });
  });

  test('are likely ones where any site may run the software', () => {
    const likely = ['https://pond.social/@ada.rss'];
    expect(knownFeeds('https://pond.social/@ada')).toEqual({ documented: [], likely });
    expect(knownFeeds('https://pond.social/@ada/')).toEqual({ documented: [], likely });
    for (const page of ['/@ada@reed.social', '/@ada/123', '/ada', '/']) {
      expect(knownFeeds(`https://pond.social${page}`).likely).toEqual([]);
    }
  });

  test('stay on the web whatever the page is', () => {
    const hosts = fc.constantFrom('www.youtube.com', 'github.com', 'gitlab.com', 'medium.com');
    const path = fc.webPath();
    fc.assert(
      fc.property(hosts, path, fc.webQueryParameters(), (host, place, query) => {
        const { documented } = knownFeeds(`https://${host}${place}?list=${query}`);
        for (const url of documented) expect(new URL(url).hostname).toBe(host);
      }),
    );
  });
});
