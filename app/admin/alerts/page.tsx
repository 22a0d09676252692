import type { Metadata } from 'next';
import { connection } from 'next/server';
import { COUNT_SPAN_DEFAULT, nameLast, readCountSpan } from '../../../lib/model/alert-counts.ts';
import { readOverview } from '../../../lib/queries/admin.ts';
import { readCounts } from '../../../lib/queries/alert-counts.ts';
import { Counts } from '../../_components/counts.tsx';
import { AdminFrame } from '../_parts/frame.tsx';
import { count } from '../_parts/times.ts';

export const metadata: Metadata = { title: 'Alerts – Operator', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  searchParams: Promise<{ span?: string | string[] }>;
}

/** What became of posts and alerts, all together. */
export default async function AdminAlertsPage({ searchParams }: Props) {
  await connection();
  const span = readCountSpan([(await searchParams).span].flat()[0] ?? '') ?? COUNT_SPAN_DEFAULT;
  const [overview, series] = await Promise.all([readOverview(), readCounts(span)]);
  const { published, matched } = series.total;
  const lede = `${count(overview.alerts, 'alert')} of ${count(overview.subscribers, 'subscriber')}. In the last ${nameLast(span)}, ${count(published, 'post was', 'posts were')} compared with them; ${count(matched, 'match', 'matches')} came of it.`;
  return (
    <AdminFrame current="alerts" overview={overview} heading="Alerts" lede={lede}>
      <Counts
        series={series}
        of={{ policy: true, webhook: true }}
        label="Counts of all alerts"
        hrefOf={(each) => `/admin/alerts?span=${each}`}
      />
      <p className="q aside">
        Published are posts; matched and filtered out are pairs of a post and an alert in force. A
        mail counts once, however many posts it tells; one that came back counts as failed, too. A
        private feed is fetched by its reader, so nothing of it is delivered here.
      </p>
    </AdminFrame>
  );
}
