import type { AdminFeed } from '../../../lib/queries/admin.ts';
import { shortTime } from './times.ts';

interface Props {
  feeds: AdminFeed[];
  timeZone: string;
  now: Date;
}

function State({ feed }: { feed: AdminFeed }) {
  if (feed.status === 'gone') return <span className="bad">gone</span>;
  if (feed.status === 'paused') return <>paused</>;
  if (feed.errorCount > 0) return <span className="bad">failing</span>;
  return <>{feed.checkedAt === null ? 'new' : 'well'}</>;
}

function Ask({ id, request, children }: { id: number; request: string; children: string }) {
  return (
    <form method="post" action={`/admin/feeds/${id}/${request}`} className="inline">
      <button type="submit" className="btn two">
        {children}
      </button>
    </form>
  );
}

/** What can be asked: what never was a feed can go, all else can be paused. */
function Asks({ feed: { id, status, isUnread, errorCount } }: { feed: AdminFeed }) {
  const isActive = status === 'active';
  const mayGo = isUnread && errorCount > 0;
  return (
    <>
      {isActive && (
        <Ask id={id} request="poll">
          Poll
        </Ask>
      )}
      {isActive && !mayGo && (
        <Ask id={id} request="pause">
          Pause
        </Ask>
      )}
      {!isActive && (
        <Ask id={id} request="resume">
          Resume
        </Ask>
      )}
      {mayGo && (
        <Ask id={id} request="remove">
          Remove
        </Ask>
      )}
    </>
  );
}

/** Every feed with what became of its last poll, and what can be asked of it. */
export function FeedsTable({ feeds, timeZone, now }: Props) {
  const time = (iso: string | null) => shortTime(iso, timeZone, now);
  return (
    <div className="wide">
      <table className="dense">
        <caption className="vh">Feeds, those with trouble first</caption>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col" className="num">
              Asked
            </th>
            <th scope="col" className="num">
              Next
            </th>
            <th scope="col" className="num">
              Newest
            </th>
            <th scope="col" className="num">
              Posts
            </th>
            <th scope="col" className="num">
              Failed
            </th>
            <th scope="col">Last error</th>
            <th scope="col">
              <span className="vh">Do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {feeds.map((feed) => (
            <tr key={feed.id}>
              <th scope="row">
                <a href={`/source/${encodeURIComponent(feed.slug)}`} title={feed.url}>
                  {feed.title}
                </a>
              </th>
              <td>
                <State feed={feed} />
                {feed.isReadInFull && <span className="q"> full text</span>}
              </td>
              <td className="num">{time(feed.checkedAt)}</td>
              <td className="num">{feed.status === 'active' ? time(feed.nextCheckAt) : '–'}</td>
              <td className="num">{time(feed.newestAt)}</td>
              <td className="num">{feed.posts.toLocaleString('en')}</td>
              <td className="num">{feed.errorCount}</td>
              <td className="wrap">{feed.errorText}</td>
              <td className="asks">
                <Asks feed={feed} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
