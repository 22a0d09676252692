import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { type Cadence, isCadence, QUIET_DAYS } from '../../lib/model/alert.ts';
import { POLICY_CHARACTERS_MAX } from '../../lib/model/policy/read-policy.ts';
import { readWebhookAddress } from '../../lib/model/webhook.ts';
import { previewWords } from '../../lib/queries/alert-preview.ts';
import { Page } from '../_components/shell.tsx';
import { AskForm } from './_parts/ask-form.tsx';
import { type Looked, sayLooked, type Words } from './_parts/looked.ts';

export const metadata: Metadata = {
  title: 'New alert',
  description: 'Name the words; new posts that have them come by mail.',
};

/** Rendered for each request, whole: a preview is of this moment. */
export const instant = false;

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** What is said of policy and webhook. */
function sayMore(words: Words['words'] | undefined, policy: string, webhook: string) {
  const isFault = words?.kind === 'invalid' && words.field === 'policy';
  const address = webhook === '' ? undefined : readWebhookAddress(webhook);
  return {
    policy,
    policyFault: isFault ? words : undefined,
    described: words?.kind === 'words' ? words.policy?.described : undefined,
    webhook,
    webhookFault: address?.kind === 'invalid' ? address.message : undefined,
  };
}

const NOTES = new Map(
  Object.entries({
    'too-many': 'Too many alerts were asked for from your network. Please try again in an hour.',
    cadence: 'Choose how often mails may come.',
    'lost-policy':
      'The filter policy is too long to be given back here. Put it in again from where you have it, and press “Try it” to see what may be wrong with it.',
    'long-policy': `A filter policy may have ${POLICY_CHARACTERS_MAX} characters at most, and this one has more. Name fewer values, or ask for several alerts.`,
    forgotten: 'Everything we held of you is deleted: your address, your alerts and their history.',
  }),
);

/** The address of this page with what was tried, and not whose it is. */
function withoutAddress(given: Record<string, string | string[] | undefined>): string {
  const tried = Object.entries(given).flatMap(([name, value]) =>
    name === 'email' || name === 'website' ? [] : [[name, [value].flat()[0] ?? '']],
  );
  return `/alerts?${new URLSearchParams(tried)}`;
}

export default async function AlertsPage({ searchParams }: Props) {
  const given = await searchParams;
  // Trying words sends the whole form: an address stays in no history, and in no link passed on.
  if (given.email !== undefined || given.website !== undefined) redirect(withoutAddress(given));
  const text = (name: string) => [given[name]].flat()[0] ?? '';
  const query = text('query').trim();
  const asked = text('cadence');
  const cadence: Cadence = isCadence(asked) ? asked : 'instant';
  const note = NOTES.get(text('problem')) ?? NOTES.get(text('done'));
  const [policy, webhook] = [text('policy').trim(), text('webhook').trim()];
  const isBlank = query === '' && policy === '' && text('problem') !== 'query';
  const found = isBlank ? undefined : await previewWords(query, policy);
  const looked: Looked = found === undefined ? { kind: 'blank' } : sayLooked(query, found);
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>New alert</h1>
          <p className="lede">
            Name the words; new posts that have them come by mail, or in a feed of your own.
          </p>
        </>
      }
      rail={{ label: 'About alerts', summary: 'How alerts work', content: <About /> }}
    >
      {note === undefined ? null : (
        <p className="list note" role="status">
          {note}
        </p>
      )}
      <AskForm
        more={sayMore(found?.words, policy, webhook)}
        query={query}
        cadence={cadence}
        fault={looked.kind === 'fault' ? looked : undefined}
        isBadAddress={text('problem') === 'email'}
        preview={looked.kind === 'preview' ? looked.preview : undefined}
        isTooCostly={looked.kind === 'too-costly'}
      />
    </Page>
  );
}

function About() {
  return (
    <>
      <section>
        <h2>Where words are looked for</h2>
        <p>
          In titles, tags, names of authors and texts. Whole words, in all forms that they have in
          the language of the post; case and accents do not matter.
        </p>
        <p>
          <a href="/search/language">The language of alerts and search</a>
        </p>
      </section>
      <section>
        <h2>Have alerts already?</h2>
        <p>
          Each mail carries the link to your own page. Ask for an alert again to get a new link.
        </p>
      </section>
      <section>
        <h2>When nothing is found</h2>
        <p>
          After {QUIET_DAYS} days one mail says that your alerts still watch, and what came near.
          One click ends such mails.
        </p>
      </section>
      <section>
        <h2>What we keep</h2>
        <p>
          Your address, what you watch for, and which posts they met, until you delete them on your
          page. What you do not confirm goes after a week.
        </p>
      </section>
    </>
  );
}
