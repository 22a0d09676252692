import { config } from '../../../lib/config.ts';
import { type Cadence, DIGEST_HOUR } from '../../../lib/model/alert.ts';
import { MoreWays } from './more-ways.tsx';
import { WordsField, type WordsProps } from './words-field.tsx';

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

interface Props extends WordsProps {
  more: Parameters<typeof MoreWays>[0];
  cadence: Cadence;
  /** Whether the address was wrong. */
  isBadAddress: boolean;
}

/** Asks for words, how often, and an address. Without JavaScript, one POST does it. */
export function AskForm(props: Props) {
  const { cadence, isBadAddress, more } = props;
  return (
    <form className="list" method="post" action="/alerts">
      <WordsField {...props} />
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
