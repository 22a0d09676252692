import { config } from '../../../../lib/config.ts';
import { openAlertLink } from '../../../../lib/queries/alerts.ts';
import { listForAlert } from '../../../../lib/queries/posts.ts';
import { renderJsonFeed } from '../../../../lib/syndicate/json-feed.ts';
import { changedAt, type OutgoingFeed } from '../../../../lib/syndicate/outgoing-feed.ts';
import { renderRss } from '../../../../lib/syndicate/rss.ts';
import { problem } from '../../../_feeds/problem.ts';

interface Context {
  params: Promise<{ token: string }>;
}

const FORMATS = {
  xml: { render: renderRss, type: 'application/rss+xml; charset=utf-8' },
  json: { render: renderJsonFeed, type: 'application/feed+json; charset=utf-8' },
} as const;

/** One alert as a private feed, RSS or JSON Feed: what it has found, for its owner's reader alone. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const file = (await params).token;
  const [, name = '', suffix = ''] = /^(.+)\.(xml|json)$/u.exec(file) ?? [];
  const format = suffix === 'xml' || suffix === 'json' ? FORMATS[suffix] : undefined;
  const found = await openAlertLink('feed', name);
  if (found === undefined || format === undefined) {
    return problem(
      404,
      'No such feed',
      'The alert of this feed has been deleted, or its address is cut.',
    );
  }
  const { siteTitle, siteUrl } = config();
  const { query } = found.alert;
  const feed: OutgoingFeed = {
    title: `${found.alert.name} – ${siteTitle}`,
    description: query === '' ? found.alert.name : `Posts with ${found.alert.name}`,
    pageUrl: query === '' ? siteUrl : `${siteUrl}/search?${new URLSearchParams({ q: query })}`,
    selfUrl: `${siteUrl}/alerts/feed/${file}`,
    siteUrl,
    posts: await listForAlert(found.alert.id),
  };
  return new Response(format.render(feed), {
    headers: {
      'content-type': format.type,
      'cache-control': 'private, max-age=0, must-revalidate',
      'last-modified': changedAt(feed).toUTCString(),
      // A private address: not for search engines that meet it somewhere.
      'x-robots-tag': 'noindex',
    },
  });
}
