import type { Metadata } from 'next';
import { QUERY_CHARACTERS_MAX, QUERY_TERMS_MAX } from '../../../lib/model/query/parse-query.ts';
import { alertPath } from '../../_components/by-mail.tsx';
import { Page } from '../../_components/shell.tsx';

export const metadata: Metadata = {
  title: 'How to write a search or an alert',
  description: 'Words, phrases, fields and days: the language of search and alerts.',
};

/** Rendered for each request, as all that begins with /search. */
export const instant = false;

/** A line of the grammar: an example, and what it means. */
type Line = [example: string, means: string];

const WORDS: Line[] = [
  ['kernel scheduler', 'posts with both words, in any order'],
  ['"data dictionary"', 'the words next to each other, in this order'],
  ['kernel -webinar', 'the first word, and not the second'],
  ['mysql OR mariadb', 'one of the two, or both; OR in capital letters'],
  ['(mysql OR mariadb) -oracle', 'brackets say what belongs together'],
  ['kube*', 'words that begin so; two letters at least'],
  ['=databases', 'the word as it is written: no other form of it, no slip of typing'],
  ['C++ .NET C#', 'signs that belong to a name need no quotes'],
];

const FIELDS: Line[] = [
  ['tag:linux', 'posts with this tag; any of its names will do'],
  ['-tag:webinar kernel', 'and without this one'],
  ['tag:"machine learning" OR tag:ai', 'a name of several words stands in quotes'],
  ['source:lwn-net', 'posts that this source carries, by its name or the end of its address'],
  ['author:"Jonathan Corbet"', 'these words in the name of an author, also one of them alone'],
  ['title:kernel', 'the word in the title'],
  ['lang:de', 'the language that the feed names; lang:pt-br for one with a region'],
];

const DAYS: Line[] = [
  ['kernel after:2026-05-31', 'from the beginning of this day on, in UTC'],
  ['kernel before:2026', 'until the year, month or day begins'],
  ['after:2025 before:2026', 'so this is one whole year'],
];

export default function LanguagePage() {
  return (
    <Page
      section="search"
      head={
        <>
          <h1>How to write a search or an alert</h1>
          <p className="lede">
            Both have one language. Each example leads to what it finds now
            {', '}and most of them to an alert for what is to come.
          </p>
        </>
      }
    >
      <div className="list body">
        <h2>Words</h2>
        <Lines lines={WORDS} hasAlerts />
        <p>
          Case and accents do not matter: <code>cafe</code> finds Café. Any other word with a colon
          in it (<code>std::vector</code>, <code>10:30</code>) is a word like all others.
        </p>
        <h2>Fields</h2>
        <Lines lines={FIELDS} hasAlerts />
        <p>
          A value stands right after the colon, without a space. A field can be left out with a
          minus, and stand in a choice or in brackets.
        </p>
        <h2>Days</h2>
        <Lines lines={DAYS} />
        <p>
          For searching only, and for the whole search: not within OR or brackets. An alert tells of
          what is new by itself.
        </p>
        <h2>What differs</h2>
        <p>
          An alert takes whole words, in all forms that they have in the language of a post:{' '}
          <code>database</code> is met by “databases”, and <code>=database</code> is not. Phrases
          and words of titles are taken as they are written.
        </p>
        <p>
          A search of words, phrases and fields also finds near spellings and beginnings of the last
          word, and looks in the names of sources. With OR, brackets, a star, <code>=</code> or{' '}
          <code>title:</code> in it, it finds whole words like an alert, and says so.
        </p>
        <p>
          At most {QUERY_CHARACTERS_MAX} characters and {QUERY_TERMS_MAX} words. What cannot be read
          is shown with its place, and so are characters that nobody sees, which copied words can
          have in them. A word with letters of two alphabets that look alike (a Cyrillic а in aws)
          is searched for as it is written, and the other one proposed.
        </p>
      </div>
    </Page>
  );
}

function Lines({ lines, hasAlerts = false }: { lines: Line[]; hasAlerts?: boolean }) {
  return (
    <dl className="grammar">
      {lines.map(([example, means]) => (
        <div key={example}>
          <dt>
            <a href={`/search?${new URLSearchParams({ q: example })}`}>
              <code>{example}</code>
            </a>
          </dt>
          <dd>
            {means}
            {hasAlerts ? (
              <a className="q" href={alertPath(example)} aria-label={`Alert for ${example}`}>
                Alert
              </a>
            ) : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
