import type { Metadata } from 'next';
import { config } from '../../../lib/config.ts';
import { Page } from '../../_components/shell.tsx';

export const metadata: Metadata = { title: 'Look into your mail', robots: { index: false } };

/** Rendered for each request: where mails are caught is known at run time. */
export const instant = false;

export default function AskedPage() {
  const { mailCatcherUrl } = config();
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Look into your mail</h1>
          <p className="lede">
            If the address can have alerts, a mail is on its way to it. Open its link within two
            days and press the button there; then the alert begins.
          </p>
        </>
      }
    >
      <div className="list body">
        {mailCatcherUrl === undefined ? null : (
          <p>
            Mails of this site do not leave the machine it runs on:{' '}
            <a href={mailCatcherUrl}>read them here</a>.
          </p>
        )}
        <p>
          Nothing there after some minutes? Look into the spam folder, or{' '}
          <a href="/alerts">ask again</a>. At most a few mails an hour go to one address.
        </p>
      </div>
    </Page>
  );
}
