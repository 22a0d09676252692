import type { Metadata } from 'next';
import { previewWords } from '../../../../../../lib/queries/alert-preview.ts';
import { openOwnerLink } from '../../../../../../lib/queries/alerts.ts';
import { Page } from '../../../../../_components/shell.tsx';
import { BadLink } from '../../../../_parts/bad-link.tsx';
import { sayLooked } from '../../../../_parts/looked.ts';
import { PolicyField } from '../../../../_parts/more-ways.tsx';
import { WordsField } from '../../../../_parts/words-field.tsx';

export const metadata: Metadata = { title: 'Words of an alert', robots: { index: false } };

/** Rendered for each request, whole: a preview is of this moment. */
export const instant = false;

interface Props {
  params: Promise<{ token: string; alert: string }>;
  /** What is tried; without it, what the alert has. */
  searchParams: Promise<Record<'query' | 'policy' | 'problem', string | string[] | undefined>>;
}

const NOTES: Record<string, string> = {
  known: 'Nothing was changed: another of your alerts has these words already.',
  'lost-policy':
    'Nothing was changed: the filter policy is too long to be given back here. Put it in again from where you have it, and press “Try it” to see what may be wrong with it.',
};

/** Tries other words for one alert, and gives it them. */
export default async function WordsPage({ params, searchParams }: Props) {
  const { token, alert: id } = await params;
  const found = await openOwnerLink(token);
  const alert = found?.alerts.find((each) => String(each.id) === id);
  if (alert === undefined) {
    return <BadLink why="Your page has another address by now, or the alert was deleted." />;
  }
  const given = await searchParams;
  const text = (name: keyof typeof given) => [given[name]].flat()[0]?.trim();
  const query = text('query') ?? alert.query;
  const policy = text('policy') ?? alert.policy ?? '';
  const hasPolicy = policy !== '' || alert.policy !== null;
  const words = await previewWords(query, policy);
  const looked = sayLooked(query, words);
  const read = words.words;
  const here = `/alerts/manage/${token}/words/${alert.id}`;
  const note = NOTES[text('problem') ?? ''];
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Words of an alert</h1>
          <p className="lede">
            It watches for <b>{alert.name}</b>.{' '}
            <a href={`/alerts/manage/${token}`}>Back to your alerts</a>
          </p>
        </>
      }
    >
      <form className="list" method="post" action={`/alerts/manage/${token}`}>
        {note === undefined ? null : (
          <p className="note" role="status">
            {note}
          </p>
        )}
        <input type="hidden" name="alert" value={alert.id} />
        <WordsField
          query={query}
          fault={looked.kind === 'fault' ? looked : undefined}
          preview={looked.kind === 'preview' ? looked.preview : undefined}
          isTooCostly={looked.kind === 'too-costly'}
          tryAt={here}
          hrefOf={(other) => `${here}?${new URLSearchParams({ query: other })}`}
        />
        {hasPolicy ? (
          <PolicyField
            policy={policy}
            policyFault={read.kind === 'invalid' && read.field === 'policy' ? read : undefined}
            described={read.kind === 'words' ? read.policy?.described : undefined}
          />
        ) : null}
        <p className="field">
          <button className="btn" type="submit" name="change" value="words">
            Watch for this from now on
          </button>
        </p>
        <p className="q aside">
          The alert keeps its history, its feed and its webhook. Posts that appear from now on are
          compared with the new words.
        </p>
      </form>
    </Page>
  );
}
