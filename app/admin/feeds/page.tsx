import type { Metadata } from 'next';
import { config } from '../../../lib/config.ts';
import { listAdminFeeds, readOverview } from '../../../lib/queries/admin.ts';
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
        <label htmlFor="url">Address of a feed to add</label>
        <div className="inline">
          <input id="url" name="url" type="url" required maxLength={2000} placeholder="https://" />
          <button type="submit" className="btn">
            Add
          </button>
        </div>
      </form>
      <FeedsTable feeds={feeds} timeZone={config().siteTimezone} now={new Date()} />
    </AdminFrame>
  );
}
