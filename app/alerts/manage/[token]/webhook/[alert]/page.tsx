import type { Metadata } from 'next';
import type {
  WebhookEventView,
  WebhookStatus,
  WebhookView,
} from '../../../../../../lib/model/webhook.ts';
import { LOGGED_EVENTS_MAX, openWebhook } from '../../../../../../lib/queries/webhooks.ts';
import { Page } from '../../../../../_components/shell.tsx';
import { count, writeMoment } from '../../../../../_components/text.ts';
import { BadLink } from '../../../../_parts/bad-link.tsx';

export const metadata: Metadata = { title: 'Webhook of an alert', robots: { index: false } };

/** Rendered for each request, whole. */
export const instant = false;

interface Props {
  params: Promise<{ token: string; alert: string }>;
  searchParams: Promise<{ done?: string | string[] }>;
}

const NOTES: Record<string, string> = {
  set: 'A test is on its way. Posts follow once the endpoint has taken it.',
  test: 'A test is on its way.',
  rotate: 'There is a new secret. For a day, events are signed with the old one as well.',
  remove: 'Nothing is sent to an endpoint any more.',
  again: 'The event is sent again, under the same id.',
  'again-since': 'The events are sent again, under the same ids.',
  'bad-address': 'Nothing was changed: an endpoint is an address that begins with https://.',
  'bad-day': 'Nothing was changed: choose a day.',
  unchanged: 'Nothing was changed: there is nothing to be sent that is not on its way already.',
};

const STATES: Record<WebhookStatus, string> = {
  waiting: 'waits until the alert is confirmed',
  testing: 'waits until the endpoint has taken a test',
  active: 'in force',
  off: 'switched off after days of failures',
  gone: 'ended by the endpoint, which answered 410',
};

/** Where posts of one alert are sent, how to verify them, and what became of each. */
export default async function WebhookPage({ params, searchParams }: Props) {
  const { token, alert } = await params;
  const alertId = /^[1-9]\d{0,8}$/u.test(alert) ? Number(alert) : 0;
  const found = await openWebhook(token, alertId);
  if (found === undefined) {
    return <BadLink why="Your page has another address by now, or the alert was deleted." />;
  }
  const { name, webhook, events } = found;
  const note = NOTES[[(await searchParams).done].flat()[0] ?? ''];
  const form = { action: `/alerts/manage/${token}`, alertId };
  return (
    <Page
      section="alerts"
      head={
        <>
          <h1>Webhook</h1>
          <p className="lede">
            What <b>{name}</b> finds, sent to a program of yours.{' '}
            <a href={`/alerts/manage/${token}`}>Back to your alerts</a>
          </p>
        </>
      }
    >
      <div className="list">
        {note === undefined ? null : (
          <p className="note" role="status">
            {note}
          </p>
        )}
        <Endpoint webhook={webhook} {...form} />
        {webhook === undefined ? null : <Log events={events} {...form} />}
      </div>
    </Page>
  );
}

interface FormProps {
  action: string;
  alertId: number;
}

function Endpoint({
  webhook,
  action,
  alertId,
}: FormProps & { webhook: (WebhookView & { secret: string }) | undefined }) {
  return (
    <form method="post" action={action}>
      <input type="hidden" name="alert" value={alertId} />
      <div className="field">
        <label htmlFor="u">Endpoint</label>
        <p className="help" id="uh">
          {webhook === undefined
            ? 'An address of yours that takes POST requests. It is tested at once.'
            : `It is ${STATES[webhook.status]}. Another address begins with a test, a secret and a log of its own.`}
        </p>
        <div className="inline">
          <input
            id="u"
            name="url"
            type="url"
            defaultValue={webhook?.url ?? ''}
            placeholder="https://"
            autoComplete="off"
            aria-describedby="uh"
          />
          <button className="btn two" type="submit" name="webhook" value="set">
            {webhook === undefined ? 'Set and test' : 'Change'}
          </button>
        </div>
      </div>
      {webhook === undefined ? null : <Secret webhook={webhook} />}
    </form>
  );
}

function Secret({ webhook }: { webhook: WebhookView & { secret: string } }) {
  const old = webhook.oldSecretUntil;
  return (
    <>
      <details className="field">
        <summary>Secret for signatures</summary>
        <p>
          <code className="wrap">{webhook.secret}</code>
        </p>
        <p className="help">
          Signed after the Standard Webhooks specification, for which there are libraries in most
          languages.
          {old === null ? '' : ` The one before signs as well until ${writeMoment(old)}.`}
        </p>
        <p>
          <button className="btn two" type="submit" name="webhook" value="rotate">
            Make a new secret
          </button>
        </p>
      </details>
      <p className="acts field">
        <button className="btn two" type="submit" name="webhook" value="test">
          {webhook.status === 'active' ? 'Send a test' : 'Test it again'}
        </button>
        <button className="btn two" type="submit" name="webhook" value="remove">
          Remove
        </button>
      </p>
    </>
  );
}

function Log({ events, action, alertId }: FormProps & { events: WebhookEventView[] }) {
  return (
    <>
      <h2 className="log">What was sent</h2>
      {events.length === 0 ? <p className="q">Nothing yet.</p> : null}
      {events.map((event) => (
        <Event key={event.id} event={event} action={action} alertId={alertId} />
      ))}
      {events.length < LOGGED_EVENTS_MAX ? null : <p className="q">Older ones are not shown.</p>}
      {events.length === 0 ? null : (
        <form className="field" method="post" action={action}>
          <input type="hidden" name="alert" value={alertId} />
          <label htmlFor="s">Send all again since</label>
          <p className="help" id="sh">
            Under the same ids, so that a receiver knows those that it has. Events are kept for 30
            days.
          </p>
          <div className="inline">
            <input id="s" name="since" type="date" required aria-describedby="sh" />
            <button className="btn two" type="submit" name="webhook" value="again-since">
              Send all
            </button>
          </div>
        </form>
      )}
    </>
  );
}

function fateOf({ status, attempts, nextAttemptAt }: WebhookEventView): string {
  const times = attempts === 1 ? 'once' : count(attempts, 'time');
  if (status === 'sent') return attempts === 1 ? 'taken' : `taken, tried ${times}`;
  if (status === 'dead') return `given up, tried ${times}`;
  if (attempts === 0) return 'waits to be sent';
  return `failed, tried ${times}; again on ${writeMoment(nextAttemptAt)}`;
}

const CHANGES = { changed: 'Changed:', withdrawn: 'Withdrawn:' };

function Event({ event, action, alertId }: FormProps & { event: WebhookEventView }) {
  const time = event.triedAt ?? event.createdAt;
  return (
    <section className="item">
      <h3>
        {event.change === null ? null : <span className="of">{CHANGES[event.change]}</span>}{' '}
        {event.postId === null ? 'Test' : <a href={`/post/${event.postId}/-`}>{event.title}</a>}
      </h3>
      <p>
        <time dateTime={time}>{writeMoment(time)}</time>, {fateOf(event)}.{' '}
        <code className="wrap">{event.messageId}</code>
      </p>
      <form className="acts" method="post" action={action}>
        <input type="hidden" name="alert" value={alertId} />
        <input type="hidden" name="event" value={event.id} />
        {event.status === 'pending' ? null : (
          <button className="btn two" type="submit" name="webhook" value="again">
            Send again
          </button>
        )}
        {event.triedAt === null ? null : (
          <details>
            <summary className="btn two">Answer: {event.responseStatus ?? 'none'}</summary>
            <pre className="answer">{event.responseText || 'It said nothing.'}</pre>
          </details>
        )}
      </form>
    </section>
  );
}
