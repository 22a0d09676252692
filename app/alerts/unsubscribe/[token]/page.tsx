import type { Metadata } from 'next';
import { openAlertLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'Stop an alert', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
}

/** Opening the link changes nothing; the button does. */
export default async function UnsubscribePage({ params }: Props) {
  const { token } = await params;
  const found = await openAlertLink('unsubscribe', token);
  if (found === undefined) {
    return (
      <BadLink
        why="It does not belong to any alert, or the alert has been deleted."
        next="If it has been deleted, no mail comes from it any more."
      />
    );
  }
  const { alert, email } = found;
  const isOver = alert.status === 'ended';
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>{isOver ? 'The alert is stopped' : 'Stop this alert?'}</h1>
          <p className="lede">
            Posts with <b>{alert.name}</b>, for {email}.{' '}
            {isOver ? 'No further mail comes from it.' : ''}
          </p>
        </>
      }
    >
      <form className="list" method="post" action={`/alerts/unsubscribe/${token}`}>
        {isOver ? (
          <button className="btn two" type="submit" name="change" value="again">
            Start it again
          </button>
        ) : (
          <button className="btn" type="submit" name="change" value="stop">
            Stop it
          </button>
        )}
        <p className="q aside">
          To pause, change or delete it, take the other link in the mail: it opens the page with all
          your alerts.
        </p>
      </form>
    </Page>
  );
}
