import type { AlertPreview } from '../../../lib/model/alert.ts';
import { QUERY_CHARACTERS_MAX } from '../../../lib/model/query/parse-query.ts';
import { alertPath } from '../../_components/by-mail.tsx';
import { FaultPlace } from '../../_components/query-fault.tsx';
import { Lookalikes } from './lookalikes.tsx';
import { Preview } from './preview.tsx';

export interface WordsProps {
  query: string;
  /** What is wrong with the words, in words. */
  fault: { message: string; at?: number } | undefined;
  preview: AlertPreview | undefined;
  /** Whether there is no preview because looking takes too long. */
  isTooCostly: boolean;
  /** Where the form goes to be tried, if that is not its own address. */
  tryAt?: string;
  /** Where other words are tried. */
  hrefOf?: (query: string) => string;
}

/** The words of an alert, with what is wrong with them or what they would have found. */
export function WordsField(props: WordsProps) {
  const { query, fault, preview, isTooCostly, tryAt, hrefOf = alertPath } = props;
  return (
    <div className="field big">
      <label htmlFor="w">Words to watch for</label>
      <p className="help" id="wh">
        All of them must be in a post. Quotes keep words together, a minus leaves out, OR gives a
        choice, a star continues: <code>&quot;data dictionary&quot; mysql OR maria* -oracle</code>.
        Or watch a <code>tag:</code>, <code>source:</code> or <code>author:</code> (
        <a href="/search/language">all that can be said</a>).
      </p>
      <div className="inline">
        <input
          id="w"
          name="query"
          defaultValue={query}
          maxLength={QUERY_CHARACTERS_MAX}
          aria-describedby={fault === undefined ? 'wh' : 'wh wf'}
          aria-invalid={fault === undefined ? undefined : true}
          autoCapitalize="none"
          spellCheck={false}
        />
        {/* The same form, as a GET: what it would have found. */}
        <button
          className="btn two"
          type="submit"
          formMethod="get"
          formAction={tryAt}
          formNoValidate
        >
          Try it
        </button>
      </div>
      {fault === undefined ? null : (
        <div className="err shown" id="wf">
          <p>{fault.message}</p>
          {fault.at === undefined ? null : <FaultPlace query={query} at={fault.at} />}
        </div>
      )}
      <Lookalikes query={query} hrefOf={hrefOf} />
      {preview === undefined ? null : <Preview preview={preview} hrefOf={hrefOf} />}
      {isTooCostly ? (
        <p className="help" role="status">
          Looking through all posts for this takes too long at the moment. Rarer words are found
          faster; an alert can have these all the same.
        </p>
      ) : null}
    </div>
  );
}
