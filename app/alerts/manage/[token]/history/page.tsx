import type { Metadata } from 'next';
import {
  HISTORY_MAILS_MAX,
  type MailFate,
  openHistory,
  type SentMail,
} from '../../../../../lib/queries/alert-history.ts';
import { Page } from '../../../../_components/shell.tsx';
import { writeMoment } from '../../../../_components/text.ts';
import { BadLink } from '../../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'What was sent', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
}

const FATES: Record<MailFate, string> = {
  sent: 'sent',
  waiting: 'waits to be sent',
  failed: 'not taken by your mail server',
  returned: 'came back from your mail server',
};

const KINDS: Record<SentMail['kind'], string> = {
  confirm: 'Asked whether you want',
  instant: 'New posts with',
  digest: 'Digest of',
  webhook: 'Webhook switched off of',
  changes: 'Changes of posts with',
  quiet: 'Nothing found for long by',
};

/** What went to the owner of a private page, newest first, each with its reason. */
export default async function HistoryPage({ params }: Props) {
  const { token } = await params;
  const found = await openHistory(token);
  if (found === undefined) {
    return <BadLink why="Your page has another address by now, or everything was deleted." />;
  }
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>What was sent, and why</h1>
          <p className="lede">
            To {found.email}, the latest first.{' '}
            <a href={`/alerts/manage/${token}`}>Back to your alerts</a>
          </p>
        </>
      }
    >
      <div className="list">
        {found.mails.length === 0 ? <p className="q">Nothing was sent yet.</p> : null}
        {found.mails.map((mail) => (
          <Mail key={mail.id} mail={mail} zone={found.timeZone} />
        ))}
        {found.mails.length === HISTORY_MAILS_MAX ? (
          <p className="q">
            Older mails are in{' '}
            <a href={`/alerts/manage/${token}/export.json`}>the file with all your data</a>.
          </p>
        ) : null}
      </div>
    </Page>
  );
}

function Mail({
  mail: { kind, query, createdAt, sentAt, fate, posts, titles },
  zone,
}: {
  mail: SentMail;
  zone: string | null;
}) {
  const time = sentAt ?? createdAt;
  return (
    <section className="item">
      <h2>
        <span className="of">{KINDS[kind]}</span> {query}
      </h2>
      <p>
        <time dateTime={time}>{writeMoment(time, zone ?? undefined)}</time>, {FATES[fate]}
      </p>
      {titles.length === 0 ? null : (
        <ul>
          {titles.map(({ postId, title }) => (
            <li key={postId}>
              <a href={`/post/${postId}/-`}>{title}</a>
            </li>
          ))}
          {posts > titles.length ? <li>and {posts - titles.length} more</li> : null}
        </ul>
      )}
    </section>
  );
}
