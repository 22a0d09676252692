import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { unreachable } from '../../../../lib/errors.ts';
import { CONFIRM_HOURS } from '../../../../lib/model/alert.ts';
import { openAlertLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { cadenceChoices } from '../../_parts/ask-form.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'Confirm an alert', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

const CONFIRM_MS = CONFIRM_HOURS * 3_600_000;

interface Props {
  params: Promise<{ token: string }>;
}

/** Opening the link changes nothing: programs that look into mails open all of them. */
export default async function ConfirmPage({ params }: Props) {
  const { token } = await params;
  const found = await openAlertLink('confirm', token);
  if (found === undefined) {
    return <BadLink why="It does not belong to any alert, or the alert has been deleted." />;
  }
  const { alert, email } = found;
  const lede = (
    <>
      Posts with <b>{alert.name}</b>, for {email}.
    </>
  );
  switch (alert.status) {
    case 'active':
      return <Used title="This alert is in force" lede={lede} />;
    case 'paused':
      return <Used title="This alert is paused" lede={lede} />;
    case 'ended':
      return (
        <BadLink
          why="The alert was stopped, so this link cannot start it any more."
          next="Nothing was changed."
        />
      );
    case 'pending':
      break;
    default:
      return unreachable(alert.status);
  }
  if (Date.now() - Date.parse(alert.requestedAt) > CONFIRM_MS) {
    return (
      <BadLink why="It was good for two days, and they are over." next="Nothing was changed." />
    );
  }
  const cadence = cadenceChoices(alert.digestHour).find(([value]) => value === alert.cadence);
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Begin this alert?</h1>
          <p className="lede">
            {lede} {cadence?.[1]}: {cadence?.[2]}.
          </p>
        </>
      }
    >
      <form className="list" method="post" action={`/alerts/confirm/${token}`}>
        <button className="btn" type="submit">
          Confirm
        </button>
        {alert.webhookUrl === null ? null : (
          <p>
            Each post is also sent to <code>{alert.webhookUrl}</code>. Confirm only if that is an
            endpoint of yours.
          </p>
        )}
        <p className="q aside">
          From then on, mails come when new posts have it. Was it not you who asked? Close this
          page; nothing further will come.
        </p>
      </form>
    </Page>
  );
}

/** The link has done its work. It opens nobody's alerts: mails are passed on and lie about. */
function Used({ title, lede }: { title: string; lede: ReactNode }) {
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>{title}</h1>
          <p className="lede">{lede}</p>
        </>
      }
    >
      <div className="list body">
        <p>
          This link has done its work. Each of the alert’s mails has one that opens the page with
          all your alerts; or <a href="/alerts">ask for the alert again</a>, and it comes by mail.
        </p>
      </div>
    </Page>
  );
}
