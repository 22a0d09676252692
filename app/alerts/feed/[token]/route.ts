import { config } from '../../../../lib/config.ts';
import { openAlertLink } from '../../../../lib/queries/alerts.ts';
import { listForAlert } from '../../../../lib/queries/posts.ts';
import { changedAt, type OutgoingFeed } from '../../../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../../../lib/syndicate/rss.ts';
import { problem } from '../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ token: string }>;
}

/** One alert as a private feed: what it has found, for its owner's reader alone. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const file = (await params).token;
  const found = await openAlertLink('feed', file.replace(/\.xml$/u, ''));
  if (found === undefined || !file.endsWith('.xml')) {
    return problem(
      404,
      'No such feed',
      'The alert of this feed has been deleted, or its address is cut.',
    );
  }
  const { siteTitle, siteUrl } = config();
  const feed: OutgoingFeed = {
    title: `${found.alert.query} – ${siteTitle}`,
    description: `Posts with ${found.alert.query}`,
    pageUrl: `${siteUrl}/search?${new URLSearchParams({ q: found.alert.query })}`,
    selfUrl: `${siteUrl}/alerts/feed/${file}`,
    siteUrl,
    posts: await listForAlert(found.alert.id),
  };
  return new Response(renderRss(feed), {
    headers: {
      'content-type': 'application/rss+xml; charset=utf-8',
      'cache-control': 'private, max-age=60',
      'last-modified': changedAt(feed).toUTCString(),
      // A private address: not for search engines that meet it somewhere.
      'x-robots-tag': 'noindex',
    },
  });
}
