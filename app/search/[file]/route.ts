import { config } from '../../../lib/config.ts';
import { unreachable } from '../../../lib/errors.ts';
import { FEED_FORMATS } from '../../../lib/model/list-address.ts';
import {
  isBlank,
  readSearchAddress,
  searchFeedPath,
  searchPath,
} from '../../../lib/model/search-address.ts';
import { searchForFeed } from '../../../lib/queries/search.ts';
import { feedResponse } from '../../_feeds/feed-route.ts';
import { problem } from '../../_feeds/problem.ts';

interface Context {
  params: Promise<{ file: string }>;
}

/** A search as a feed, newest first: `/search/feed.xml?q=…` and its like. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { file } = await params;
  const format = FEED_FORMATS.find((each) => file === `feed.${each}`);
  if (format === undefined) {
    return problem(404, 'Nothing here', 'A search has feed.xml, feed.atom and feed.json.');
  }
  const { page: _, ...asked } = readSearchAddress(
    Object.fromEntries(new URL(request.url).searchParams),
  );
  if (isBlank(asked)) return problem(400, 'No search', 'Say what to look for, as in ?q=numa.');
  const found = await searchForFeed(asked, new Date());
  switch (found.kind) {
    case 'posts': {
      const { siteTitle, siteUrl } = config();
      const words =
        asked.q || asked.tag || asked.source || asked.author || asked.lang || 'all posts';
      return feedResponse(
        {
          title: `${words} – search – ${siteTitle}`,
          description: `Posts found by a search for ${words}`,
          pageUrl: `${siteUrl}${searchPath({ ...asked, order: 'newest' })}`,
          selfUrl: `${siteUrl}${searchFeedPath(asked, format)}`,
          siteUrl,
          posts: found.posts,
        },
        format,
      );
    }
    case 'invalid':
      return problem(400, 'This cannot be searched', found.message);
    case 'too-costly':
      return problem(
        503,
        'This takes too long',
        'Take rarer or more words, or a day to begin with (after:2026-05), or try again later.',
      );
    default:
      return unreachable(found);
  }
}
