import type { Metadata } from 'next';
import { config } from '../../../lib/config.ts';
import { listAdminFeeds, readOverview } from '../../../lib/queries/admin.ts';
import { FeedChoices } from '../_parts/feed-choices.tsx';
import { FeedsTable } from '../_parts/feeds-table.tsx';
import { AdminFrame } from '../_parts/frame.tsx';
import { count } from '../_parts/times.ts';
import { isWord, WORDS } from './back.ts';

export const metadata: Metadata = { title: 'Feeds – Operator', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  searchParams: Promise<{ done?: string | string[] }>;
}

export default async function AdminFeedsPage({ searchParams }: Props) {
  const done = [(await searchParams).done].flat()[0];
  const [overview, feeds] = await Promise.all([readOverview(), listAdminFeeds()]);
  const { active, paused, gone, failing } = overview.feeds;
  const lede = `${count(active, 'active feed')}, ${failing} failing, ${paused} paused, ${gone} gone.`;
  return (
    <AdminFrame current="feeds" overview={overview} heading="Feeds" lede={lede}>
      {isWord(done) && (
        <p className="q" role="status">
          {WORDS[done]}
        </p>
      )}
      <form method="post" action="/admin/feeds/add" className="field">
        <label htmlFor="url">Address of a feed or a site to add</label>
        <p className="help" id="url-help">
          A worker looks for the feed of a site. If there are several, they are here to choose from.
        </p>
        <div className="inline">
          <input
            id="url"
            name="url"
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            required
            maxLength={2000}
            placeholder="https://"
            aria-describedby="url-help"
          />
          <button type="submit" className="btn">
            Add
          </button>
        </div>
      </form>
      <FeedChoices feeds={feeds} />
      <FeedsTable feeds={feeds} timeZone={config().siteTimezone} now={new Date()} />
    </AdminFrame>
  );
}
