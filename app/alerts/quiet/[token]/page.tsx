import type { Metadata } from 'next';
import { QUIET_DAYS } from '../../../../lib/model/alert.ts';
import { openQuietLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'Mails of quiet alerts', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
}

/** Opening the link changes nothing; the button does. */
export default async function QuietPage({ params }: Props) {
  const { token } = await params;
  const found = await openQuietLink(token);
  if (found === undefined) {
    return (
      <BadLink
        why="Everything that it belongs to has been deleted."
        next="So no mail of quiet alerts comes any more."
      />
    );
  }
  const { email, quietMails } = found;
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>{quietMails ? 'No more mails of quiet alerts?' : 'No mails of quiet alerts'}</h1>
          <p className="lede">
            {quietMails
              ? `An alert that has found nothing for ${QUIET_DAYS} days says to ${email} that it still watches, and what came near.`
              : `Alerts that find nothing say nothing to ${email}. They watch all the same.`}
          </p>
        </>
      }
    >
      <form className="list" method="post" action={`/alerts/quiet/${token}`}>
        {quietMails ? (
          <button className="btn" type="submit" name="change" value="stop">
            No more of these
          </button>
        ) : (
          <button className="btn two" type="submit" name="change" value="again">
            Send them again
          </button>
        )}
        <p className="q aside">The alerts themselves stay as they are.</p>
      </form>
    </Page>
  );
}
