import type { Metadata } from 'next';
import { type NeverLink, openNeverLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'Never ask an address', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
}

const TITLES: Record<NeverLink['state'], string> = {
  asked: 'Never ask this address again?',
  wished: 'This address is not asked any more',
  others: 'No mail goes to this address',
};

function lede({ email, state, alerts }: NeverLink): string {
  if (state === 'others') {
    return `A mail to ${email} came back or was called spam, or the operator has stopped all mails to it. Only the operator can lift that.`;
  }
  const silent = alerts > 0 ? ' Its alerts are silent as long.' : '';
  return state === 'wished'
    ? `Whoever types ${email} into the form, no mail goes there.${silent}`
    : `Then no mail goes to ${email}, whoever types it into the form.${silent} This link lifts it again.`;
}

/** Opening the link changes nothing; the button does. */
export default async function NeverPage({ params }: Props) {
  const { token } = await params;
  const found = await openNeverLink(token);
  if (found === undefined) {
    return (
      <BadLink
        why="Nothing is kept of its address any more, or the link is not whole."
        next="If somebody types the address in again, the mail that then comes has a link that works."
      />
    );
  }
  const { state } = found;
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>{TITLES[state]}</h1>
          <p className="lede">{lede(found)}</p>
        </>
      }
    >
      {state === 'others' ? null : (
        <form className="list" method="post" action={`/alerts/never/${token}`}>
          {state === 'asked' ? (
            <button className="btn" type="submit" name="change" value="never">
              Never ask again
            </button>
          ) : (
            <button className="btn two" type="submit" name="change" value="lift">
              Let it be asked again
            </button>
          )}
          <p className="q aside">For this the address itself stays noted here.</p>
        </form>
      )}
    </Page>
  );
}
