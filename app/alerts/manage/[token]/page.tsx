import type { Metadata } from 'next';
import { config } from '../../../../lib/config.ts';
import { DIGEST_HOUR, QUIET_DAYS } from '../../../../lib/model/alert.ts';
import { COUNT_SPAN_DEFAULT, readCountSpan } from '../../../../lib/model/alert-counts.ts';
import { readCountsOfAlerts } from '../../../../lib/queries/alert-counts.ts';
import { openOwnerLink } from '../../../../lib/queries/alerts.ts';
import { Page } from '../../../_components/shell.tsx';
import { writeHour } from '../../_parts/ask-form.tsx';
import { BadLink } from '../../_parts/bad-link.tsx';
import { OwnedAlert } from '../../_parts/owned-alert.tsx';

export const metadata: Metadata = { title: 'Your alerts', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string }>;
  /** `counts`: the alert whose counts are wanted, of a `span`. */
  searchParams: Promise<Record<'done' | 'counts' | 'span', string | string[] | undefined>>;
}

/** What the page may say about the form before, by name: text in the address would be anybody's. */
const NOTES: Record<string, string> = {
  confirmed: 'The alert is in force: posts that appear from now on are watched.',
  pause: 'The alert is paused. What appears meanwhile is not sent later.',
  resume: 'The alert goes on: posts that appear from now on are watched.',
  delete: 'The alert is deleted.',
  words: 'The alert watches for the new words from now on.',
  'changes-on': 'The alert also tells when posts that it has found change or are withdrawn.',
  'changes-off': 'The alert tells new posts alone.',
  'quiet-on': 'Alerts that find nothing for long say so once in a while.',
  'quiet-off': 'Alerts that find nothing say nothing. They watch all the same.',
  times: 'Digests come at the new time from now on.',
  'unknown-zone':
    'Nothing was changed: there is no time zone of this name. Write it like Europe/Vienna or America/New York.',
  rotate:
    'This page and your private feeds have new addresses; the old ones do not open them any more.',
  instant: 'Mails come at once from now on.',
  daily: 'Mails come once a day at most from now on.',
  weekly: 'Mails come once a week at most from now on.',
  feed: 'No mails come any more; what is found is in the private feed.',
};

export default async function ManagePage({ params, searchParams }: Props) {
  const { token } = await params;
  const found = await openOwnerLink(token);
  if (found === undefined) {
    return <BadLink why="Your page has another address by now, or everything was deleted." />;
  }
  const query = await searchParams;
  const first = (name: keyof typeof query) => [query[name]].flat()[0] ?? '';
  const note = NOTES[first('done')];
  const counted = await readCountsOfAlerts(
    found.alerts.map(({ id }) => id),
    readCountSpan(first('span')) ?? COUNT_SPAN_DEFAULT,
  );
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Your alerts</h1>
          <p className="lede">
            For {found.email}. Whoever has this page’s address can change them, so keep it to
            yourself.
          </p>
        </>
      }
      rail={{
        label: 'About this page',
        summary: 'Time of digests, history, all alerts at once',
        content: (
          <>
            <Times token={token} hour={found.digestHour} zone={found.timeZone} />
            <Quiet token={token} wants={found.quietMails} />
            <Whole token={token} />
          </>
        ),
      }}
    >
      <div className="list">
        {note === undefined ? null : (
          <p className="note" role="status">
            {note}
          </p>
        )}
        {found.alerts.length === 0 ? <p className="q">There is no alert at present.</p> : null}
        {found.alerts.map((alert) => (
          <OwnedAlert
            key={alert.id}
            alert={alert}
            token={token}
            series={counted.get(alert.id)}
            isCounted={first('counts') === String(alert.id)}
          />
        ))}
        <p className="pager">
          <a className="btn" href="/alerts">
            New alert
          </a>
        </p>
      </div>
    </Page>
  );
}

interface TimesProps {
  token: string;
  hour: number | null;
  zone: string | null;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** When daily and weekly mails come. */
function Times({ token, hour, zone }: TimesProps) {
  return (
    <form method="post" action={`/alerts/manage/${token}`}>
      <section>
        <h2>When digests come</h2>
        <div className="field">
          <label htmlFor="hour">Hour</label>
          <select id="hour" name="hour" defaultValue={hour ?? DIGEST_HOUR}>
            {HOURS.map((each) => (
              <option key={each} value={each}>
                {writeHour(each)}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="zone">Time zone</label>
          <p className="help" id="zh">
            Like Europe/Vienna. Empty: {config().siteTimezone}.
          </p>
          <input
            id="zone"
            name="zone"
            defaultValue={zone ?? ''}
            maxLength={60}
            autoComplete="off"
            spellCheck={false}
            aria-describedby="zh"
          />
        </div>
        <p>
          <button className="btn two" type="submit" name="change" value="times">
            Set
          </button>
        </p>
      </section>
    </form>
  );
}

/** Whether alerts that find nothing say so. */
function Quiet({ token, wants }: { token: string; wants: boolean }) {
  return (
    <form method="post" action={`/alerts/manage/${token}`}>
      <section>
        <h2>When alerts are quiet</h2>
        <p>
          {wants
            ? `What finds nothing for ${QUIET_DAYS} days says in one mail that it still watches, and what came near.`
            : 'Alerts that find nothing say nothing.'}
        </p>
        <p>
          <button
            className="btn two"
            type="submit"
            name="change"
            value={wants ? 'quiet-off' : 'quiet-on'}
          >
            {wants ? 'No such mails' : 'Say once in a while'}
          </button>
        </p>
      </section>
    </form>
  );
}

function Whole({ token }: { token: string }) {
  return (
    <form method="post" action={`/alerts/manage/${token}`}>
      <section>
        <h2>What is kept of you</h2>
        <ul className="plain">
          <li>
            <a href={`/alerts/manage/${token}/history`}>What was sent, and why</a>
          </li>
          <li>
            <a href={`/alerts/manage/${token}/export.json`} download>
              All of it as a file
            </a>
          </li>
        </ul>
      </section>
      <section>
        <h2>A new address for this page</h2>
        <p>
          So that links in older mails do not open it any more. Your private feeds get new addresses
          as well.
        </p>
        <p>
          <button className="btn two" type="submit" name="change" value="rotate">
            Give it a new address
          </button>
        </p>
      </section>
      <section>
        <h2>Forget me</h2>
        <details>
          <summary>Delete all and forget me</summary>
          <p>Your address, all alerts and their history go, for good.</p>
          <p>
            <button className="btn two" type="submit" name="change" value="forget">
              Delete everything
            </button>
          </p>
        </details>
      </section>
    </form>
  );
}
