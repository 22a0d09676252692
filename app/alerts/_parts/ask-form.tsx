import { config } from '../../../lib/config.ts';
import { type AlertPreview, type Cadence, DIGEST_HOUR } from '../../../lib/model/alert.ts';
import { QUERY_CHARACTERS_MAX } from '../../../lib/model/query/parse-query.ts';
import { FaultPlace } from '../../_components/query-fault.tsx';
import { Lookalikes } from './lookalikes.tsx';
import { MoreWays } from './more-ways.tsx';
import { Preview } from './preview.tsx';

/** `07:00`. */
export const writeHour = (hour: number) => `${String(hour).padStart(2, '0')}:00`;

/**
 * How often, with a line that says what it means.
 * @param hour at which digests come to the one who reads it; null: as the site has it.
 */
export function cadenceChoices(hour: number | null): [Cadence, string, string][] {
  const time = writeHour(hour ?? DIGEST_HOUR);
  return [
    ['instant', 'At once', 'within minutes of a post'],
    ['daily', 'Once a day', `at ${time}, only when there is something`],
    ['weekly', 'Once a week', `on Mondays at ${time}`],
    ['feed', 'Never by mail', 'a private feed for your reader'],
  ];
}

interface Props {
  more: Parameters<typeof MoreWays>[0];
  query: string;
  cadence: Cadence;
  /** What is wrong with the words, in words. */
  fault: { message: string; at?: number } | undefined;
  /** Whether the address was wrong. */
  isBadAddress: boolean;
  preview: AlertPreview | undefined;
  /** Whether there is no preview because looking takes too long. */
  isTooCostly: boolean;
}

/** Asks for words, how often, and an address. Without JavaScript, one POST does it. */
export function AskForm(props: Props) {
  const { query, cadence, fault, isBadAddress, preview, isTooCostly, more } = props;
  return (
    <form className="list" method="post" action="/alerts">
      <div className="field big">
        <label htmlFor="w">Words to watch for</label>
        <p className="help" id="wh">
          All of them must be in a post. Quotes keep words together, a minus leaves out, OR gives a
          choice, a star continues: <code>&quot;data dictionary&quot; mysql OR maria* -oracle</code>
          . Or watch a <code>tag:</code>, <code>source:</code> or <code>author:</code> (
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
          {/* The same form, as a GET: what it would have found, before an address is left. */}
          <button className="btn two" type="submit" formMethod="get" formNoValidate>
            Try it
          </button>
        </div>
        {fault === undefined ? null : (
          <div className="err shown" id="wf">
            <p>{fault.message}</p>
            {fault.at === undefined ? null : <FaultPlace query={query} at={fault.at} />}
          </div>
        )}
        <Lookalikes query={query} />
        {preview === undefined ? null : <Preview preview={preview} />}
        {isTooCostly ? (
          <p className="help" role="status">
            Looking through all posts for this takes too long at the moment. Rarer words are found
            faster; an alert can have these all the same.
          </p>
        ) : null}
      </div>
      <fieldset className="field choice">
        <legend>How often</legend>
        {cadenceChoices(null).map(([value, label, help]) => (
          <label key={value}>
            <input type="radio" name="cadence" value={value} defaultChecked={value === cadence} />
            <span>
              {label} <span className="help">{help}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <MoreWays {...more} />
      <div className="field">
        <label htmlFor="e">Your address</label>
        <p className="help" id="eh">
          We send one mail to confirm. No account, no password; every mail can stop the alert.
        </p>
        <input
          id="e"
          type="email"
          name="email"
          required
          autoComplete="email"
          // What a hidden element says would be read all the same.
          aria-describedby={isBadAddress ? 'eh ee' : 'eh'}
          aria-invalid={isBadAddress || undefined}
        />
        <p className={isBadAddress ? 'err shown' : 'err'} id="ee">
          This is not a whole address: it needs a name, an @ and a host, like ada@example.org.
        </p>
      </div>
      <div className="trap" aria-hidden="true">
        <label>
          Leave this empty <input name="website" tabIndex={-1} autoComplete="off" />
        </label>
      </div>
      <p className="field">
        <button className="btn" type="submit">
          Send the confirmation
        </button>
      </p>
      {config().smtpUrl === undefined ? (
        <p className="q aside">
          This site sends no mail at the moment: no mail server is set up (<code>SMTP_URL</code>).
          The confirmation waits until there is one.
        </p>
      ) : null}
    </form>
  );
}
