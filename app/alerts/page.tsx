import type { Metadata } from 'next';
import { type Cadence, isCadence, type PreviewOutcome } from '../../lib/model/alert.ts';
import { parseQuery } from '../../lib/model/query/parse-query.ts';
import { previewAlert } from '../../lib/queries/alerts.ts';
import { Page } from '../_components/shell.tsx';
import { AskForm } from './_parts/ask-form.tsx';

export const metadata: Metadata = {
  title: 'New alert',
  description: 'Name the words; new posts that have them come by mail.',
};

/** Rendered for each request, whole: a preview is of this moment. */
export const instant = false;

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

type Looked =
  | { kind: 'blank' }
  | { kind: 'fault'; message: string; at?: number }
  | Exclude<PreviewOutcome, { kind: 'no-word' }>;

const NO_WORD =
  'There is no word in this that posts must have. Name one of letters or digits, beside what is left out.';

/** What the words would have found, or what is wrong with them. Changes nothing. */
async function look(query: string): Promise<Looked> {
  const parsed = parseQuery(query);
  if (parsed.kind === 'invalid') {
    const before = query.slice(0, parsed.at).trimEnd().slice(-30);
    const where = before === '' ? '' : ` It is after “${before}”.`;
    return { kind: 'fault', message: `${parsed.message}${where}`, at: parsed.at };
  }
  const outcome = await previewAlert(parsed.tree);
  return outcome.kind === 'no-word' ? { kind: 'fault', message: NO_WORD } : outcome;
}

const NOTES: Record<string, string> = {
  'too-many': 'Too many alerts were asked for from your network. Please try again in an hour.',
  cadence: 'Choose how often mails may come.',
  forgotten: 'Everything we held of you is deleted: your address, your alerts and their history.',
};

export default async function AlertsPage({ searchParams }: Props) {
  const given = await searchParams;
  const text = (name: string) => [given[name]].flat()[0] ?? '';
  const query = text('query').trim();
  const asked = text('cadence');
  const cadence: Cadence = isCadence(asked) ? asked : 'instant';
  const note = NOTES[text('problem')] ?? NOTES[text('done')];
  const isBlank = query === '' && text('problem') !== 'query';
  const looked: Looked = isBlank ? { kind: 'blank' } : await look(query);
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
        <h2>What we keep</h2>
        <p>
          Your address, the words, and which posts they met, until you delete them on your page.
          What you do not confirm goes after a week.
        </p>
      </section>
    </>
  );
}
