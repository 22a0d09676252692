import type { Metadata } from 'next';
import { openOwnerLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';
import { OwnedAlert } from '../../_parts/owned-alert.tsx';

export const metadata: Metadata = { title: 'Your alerts', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
  searchParams: Promise<{ done?: string | string[] }>;
}

/** What the page may say about the form before, by name: text in the address would be anybody's. */
const NOTES: Record<string, string> = {
  confirmed: 'The alert is in force: posts that appear from now on are watched.',
  pause: 'The alert is paused. What appears meanwhile is not sent later.',
  resume: 'The alert goes on: posts that appear from now on are watched.',
  delete: 'The alert is deleted.',
  rotate: 'This page has a new address; links in older mails do not open it any more.',
  instant: 'Mails come at once from now on.',
  daily: 'Mails come once a day at most from now on.',
  weekly: 'Mails come once a week at most from now on.',
  feed: 'No mails come any more; what is found is in the private feed.',
};

export default async function ManagePage({ params, searchParams }: Props) {
  const { token } = await params;
  const found = await openOwnerLink(token);
  if (found === undefined) {
    return <BadLink why="Your page has another address by now, or everything was deleted." />;
  }
  const note = NOTES[[(await searchParams).done].flat()[0] ?? ''];
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Your alerts</h1>
          <p className="lede">
            For {found.email}. Whoever has this page’s address can change them, so keep it to
            yourself.
          </p>
        </>
      }
      rail={{
        label: 'About this page',
        summary: 'All alerts at once',
        content: <Whole token={token} />,
      }}
    >
      <div className="list">
        {note === undefined ? null : (
          <p className="note" role="status">
            {note}
          </p>
        )}
        {found.alerts.length === 0 ? <p className="q">There is no alert at present.</p> : null}
        {found.alerts.map((alert) => (
          <OwnedAlert key={alert.id} alert={alert} token={token} />
        ))}
        <p className="pager">
          <a className="btn" href="/alerts">
            New alert
          </a>
        </p>
      </div>
    </Page>
  );
}

function Whole({ token }: { token: string }) {
  return (
    <form method="post" action={`/alerts/manage/${token}`}>
      <section>
        <h2>A new address for this page</h2>
        <p>So that links in older mails do not open it any more.</p>
        <p>
          <button className="btn two" type="submit" name="change" value="rotate">
            Give it a new address
          </button>
        </p>
      </section>
      <section>
        <h2>Forget me</h2>
        <details>
          <summary>Delete all and forget me</summary>
          <p>Your address, all alerts and their history go, for good.</p>
          <p>
            <button className="btn two" type="submit" name="change" value="forget">
              Delete everything
            </button>
          </p>
        </details>
      </section>
    </form>
  );
}
