import type { Metadata } from 'next';
import { connection } from 'next/server';
import { config } from '../../lib/config.ts';
import { type AdminFeed, listAdminFeeds, readOverview } from '../../lib/queries/admin.ts';
import { listFloods } from '../../lib/queries/floods.ts';
import { listNotices } from '../../lib/queries/notices.ts';
import { FeedsTable } from './_parts/feeds-table.tsx';
import { Floods } from './_parts/floods.tsx';
import { AdminFrame } from './_parts/frame.tsx';
import { NoticeList } from './_parts/notices.tsx';
import { count, shortTime } from './_parts/times.ts';

export const metadata: Metadata = { title: 'Operator', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

/** A page's worth of trouble; the page of feeds has all. */
const TROUBLES_MAX = 20;
/** The command line lists all of them. */
const NOTICES_MAX = 20;

function Wrong({ feed, since }: { feed: AdminFeed; since: string }) {
  const words =
    feed.status === 'gone'
      ? `${feed.title} is gone. Its posts stay; polling has stopped.`
      : `${feed.title}: ${feed.errorText ?? 'unknown'}, ${count(feed.errorCount, 'time')} running.`;
  return (
    <li>
      <b className="bad">{feed.status === 'gone' ? 'Feed gone' : 'Feed failing'}</b>
      <span>
        {words} {feed.errorSince !== null && `Since ${since}.`}
      </span>
      <a href="/admin/feeds">Look</a>
    </li>
  );
}

function headingFor(all: number, wrong: number, unreached: number): string {
  if (all === 0) return 'No feeds yet';
  if (wrong > 0) return `${count(wrong, 'feed needs', 'feeds need')} you`;
  return unreached > 0 ? 'The network seems to be down' : 'All is well';
}

export default async function AdminPage() {
  await connection();
  const { siteTimezone: timeZone } = config();
  const [overview, feeds, floods, notices] = await Promise.all([
    readOverview(),
    listAdminFeeds(),
    listFloods(),
    listNotices({ limit: NOTICES_MAX }),
  ]);
  const now = new Date();
  const wrong = feeds.filter((feed) => feed.status === 'gone' || feed.errorCount > 0);
  const all = overview.feeds.active + overview.feeds.paused + overview.feeds.gone;
  const { unreached } = overview.feeds;
  const heading = headingFor(all, wrong.length, unreached);
  const lede =
    unreached > 0
      ? `${count(unreached, 'feed')} could not be reached when most others could not either: the network of the worker seems to be down. No feed is blamed for it; all are tried again within minutes.`
      : overview.lastPollAt === null
        ? 'No feed has been polled so far. Is a worker running?'
        : `${all - wrong.length} of ${count(all, 'feed')} are well. Last poll ${shortTime(overview.lastPollAt, timeZone, now)}.`;
  return (
    <AdminFrame current="overview" overview={overview} heading={heading} lede={lede}>
      {wrong.length > 0 && (
        <section aria-labelledby="wrong">
          <h2 className="h" id="wrong">
            What is wrong
          </h2>
          <ul className="wrong">
            {wrong.slice(0, TROUBLES_MAX).map((feed) => (
              <Wrong key={feed.id} feed={feed} since={shortTime(feed.errorSince, timeZone, now)} />
            ))}
          </ul>
        </section>
      )}
      <Floods floods={floods} timeZone={timeZone} now={now} />
      {notices.length > 0 && (
        <section className="sec" aria-labelledby="notices">
          <h2 className="h" id="notices">
            Notices
          </h2>
          <NoticeList notices={notices} timeZone={timeZone} now={now} />
        </section>
      )}
      <section className="sec" aria-labelledby="feeds">
        <h2 className="h" id="feeds">
          Feeds
        </h2>
        <FeedsTable feeds={feeds} timeZone={timeZone} now={now} />
      </section>
    </AdminFrame>
  );
}
