import type { AlertView } from '../../../lib/model/alert.ts';
import { type CountSeries, type CountSpan, nameLast } from '../../../lib/model/alert-counts.ts';
import type { WebhookStatus } from '../../../lib/model/webhook.ts';
import { Counts, MatchedBars } from '../../_components/counts.tsx';
import { count, writeDay, writeMoment, writeNumber } from '../../_components/text.ts';
import { cadenceChoices } from './ask-form.tsx';

interface Props {
  alert: AlertView & { feedPath: string; jsonFeedPath: string };
  /** Of the page. */
  token: string;
  series: CountSeries | undefined;
  /** All its counts are wanted. */
  isCounted: boolean;
}

const WEBHOOK_STATES: Record<WebhookStatus, string> = {
  waiting: 'Will be sent to',
  testing: 'Waits for the endpoint to take its test:',
  active: 'Sent to',
  off: 'Not sent any more, after days of failures, to',
  gone: 'Not sent any more, as the endpoint wished, to',
};

/** One alert on its owner's page, with what can be done about it. */
export function OwnedAlert({ alert, token, series, isCounted }: Props) {
  const choices = cadenceChoices(alert.digestHour);
  const cadence = choices.find(([value]) => value === alert.cadence);
  const { status } = alert;
  const isActive = status === 'active';
  return (
    <section className="item" id={`alert-${alert.id}`}>
      <h2>{alert.name}</h2>
      <p>
        {isActive ? null : <b>{status === 'paused' ? 'Paused. ' : 'Stopped. '}</b>}
        {cadence?.[1]}, {cadence?.[2]}
        {alert.calmedAt === null
          ? ''
          : ` (since ${writeDay(alert.calmedAt)}, when it met too much for mails at once)`}
        .{alert.tellsChanges ? ' It also tells when a post changes or is withdrawn.' : ''}{' '}
        <Found alert={alert} />
      </p>
      <p>
        <a href={`/alerts/manage/${token}/words/${alert.id}`}>Try or change its words</a>. Private
        feed: <a href={alert.feedPath}>RSS</a>, <a href={alert.jsonFeedPath}>JSON</a>.{' '}
        {alert.webhookStatus === null ? null : (
          <>
            {WEBHOOK_STATES[alert.webhookStatus]} <code>{alert.webhookUrl}</code>.{' '}
          </>
        )}
        <a href={`/alerts/manage/${token}/webhook/${alert.id}`}>
          {alert.webhookStatus === null ? 'Send posts to a webhook' : 'Log and secret'}
        </a>
      </p>
      {series === undefined ? null : (
        <AlertCounted alert={alert} token={token} series={series} isCounted={isCounted} />
      )}
      <form className="acts" method="post" action={`/alerts/manage/${token}`}>
        <input type="hidden" name="alert" value={alert.id} />
        <button
          className="btn two"
          type="submit"
          name="change"
          value={isActive ? 'pause' : 'resume'}
        >
          {isActive ? 'Pause' : 'Go on'}
        </button>
        {choices
          .filter(([value]) => value !== alert.cadence && isActive)
          .map(([value, label]) => (
            <button key={value} className="btn two" type="submit" name="change" value={value}>
              {label}
            </button>
          ))}
        {isActive && (alert.cadence !== 'feed' || alert.webhookStatus !== null) ? (
          <button
            className="btn two"
            type="submit"
            name="change"
            value={alert.tellsChanges ? 'changes-off' : 'changes-on'}
          >
            {alert.tellsChanges ? 'New posts alone' : 'Tell changes too'}
          </button>
        ) : null}
        <details>
          <summary className="btn two">Delete</summary>
          <div className="ask">
            <p>Delete the alert and its private feed? The history goes with it, for good.</p>
            <button className="btn" type="submit" name="change" value="delete">
              Delete for good
            </button>
          </div>
        </details>
      </form>
    </section>
  );
}

/** What became of posts of late: a line with bars, and all of it when it is wanted. */
function AlertCounted({ alert, token, series, isCounted }: Props & { series: CountSeries }) {
  const { published, matched } = series.total;
  const hrefOf = (span: CountSpan) =>
    `/alerts/manage/${token}?counts=${alert.id}&span=${span}#alert-${alert.id}`;
  const { policy, webhookStatus, name } = alert;
  return (
    <>
      <p className="chart">
        {alert.status === 'active'
          ? `${writeNumber(matched)} of ${count(published, 'post')} matched in the last ${nameLast(series.span)}. `
          : 'No posts are compared with it at present. '}
        {isCounted ? null : (
          <>
            {alert.status === 'active' ? <MatchedBars series={series} /> : null}{' '}
            <a href={hrefOf(series.span)}>All counts</a>
          </>
        )}
      </p>
      {isCounted ? (
        <Counts
          series={series}
          of={{ policy: policy !== null, webhook: webhookStatus !== null }}
          label={`Counts of ${name}`}
          hrefOf={hrefOf}
        />
      ) : null}
    </>
  );
}

function Found({ alert }: { alert: AlertView }) {
  const { lastHit, hits, lastMailAt, nextDigestAt, status, timeZone } = alert;
  const last = lastMailAt === null ? '' : ` The last mail went on ${writeDay(lastMailAt)}.`;
  const next =
    nextDigestAt === null || status !== 'active'
      ? ''
      : ` The next mail may come on ${writeMoment(nextDigestAt, timeZone ?? undefined)}.`;
  if (lastHit === null) return <>Nothing found yet.{next}</>;
  return (
    <>
      {count(hits, 'post')} found, the last on {writeDay(lastHit.at)}:{' '}
      <a href={`/post/${lastHit.postId}/-`}>{lastHit.title}</a>.{last}
      {next}
    </>
  );
}
