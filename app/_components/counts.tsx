import {
  type AlertCounts,
  COUNT_SPANS,
  type CountSeries,
  type CountSpan,
} from '../../lib/model/alert-counts.ts';
import { writeDayAndTime, writeNumber, writeTime } from './text.ts';

const BAR = 4;
const HEIGHT = 28;
const DAY_SECONDS = 86_400;

interface Row {
  name: keyof AlertCounts;
  label: string;
  isBad?: boolean;
}

/** Every count, in the order in which it comes about. */
const ROWS: Row[] = [
  { name: 'published', label: 'Posts published' },
  { name: 'matched', label: 'Matched' },
  { name: 'filteredByQuery', label: 'Filtered out by query' },
  { name: 'filteredByMissing', label: 'Filtered out, attribute missing' },
  { name: 'filteredByInvalid', label: 'Filtered out, attribute invalid' },
  { name: 'mailDelivered', label: 'Mails delivered' },
  { name: 'mailFailed', label: 'Mails failed', isBad: true },
  { name: 'webhookDelivered', label: 'Webhook events delivered' },
  { name: 'webhookFailed', label: 'Webhook events failed', isBad: true },
];

/** Only what an alert can have: without policy and webhook, five of them. */
function rowsFor(of: { policy: boolean; webhook: boolean }, { total }: CountSeries): Row[] {
  return ROWS.filter(({ name }) => {
    if (total[name] > 0) return true;
    if (name === 'filteredByMissing' || name === 'filteredByInvalid') return of.policy;
    return of.webhook || !name.startsWith('webhook');
  });
}

/** One bar for each step that has any, as one shape. */
function Bars({ values, isBad }: { values: number[]; isBad?: boolean }) {
  const most = Math.max(1, ...values);
  const bars = values.map((value, i) => {
    const height = value > 0 ? Math.max(2, Math.round((value / most) * HEIGHT)) : 0;
    return height === 0 ? '' : `M${i * BAR} ${HEIGHT}v-${height}h${BAR - 1}v${height}z`;
  });
  const width = values.length * BAR;
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT + 1}`} preserveAspectRatio="none" aria-hidden="true">
      <path className={isBad ? 'k bad' : 'k'} d={bars.join('')} />
      <line className="rule" x1="0" x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
    </svg>
  );
}

/** A step by its beginning: the hour within a day, else with its day. */
const writeStep = (at: string, span: CountSpan) =>
  COUNT_SPANS[span].seconds <= DAY_SECONDS ? writeTime(at) : writeDayAndTime(at);

/** What an alert met of late, small enough to stand in a sentence; it says in words what is drawn. */
export function MatchedBars({ series }: { series: CountSeries }) {
  return (
    <span className="spark">
      <Bars values={series.steps.map(({ matched }) => matched)} />
    </span>
  );
}

interface SpansProps {
  current: CountSpan;
  /** Where the counts of another span are. */
  hrefOf: (span: CountSpan) => string;
  /** Names the links for who hears them. */
  label: string;
}

function Spans({ current, hrefOf, label }: SpansProps) {
  return (
    <nav className="spans" aria-label={label}>
      {(Object.keys(COUNT_SPANS) as CountSpan[]).map((span) => (
        <a key={span} href={hrefOf(span)} aria-current={span === current ? 'true' : undefined}>
          {COUNT_SPANS[span].name}
        </a>
      ))}
    </nav>
  );
}

interface CountsProps {
  series: CountSeries;
  of: { policy: boolean; webhook: boolean };
  hrefOf: (span: CountSpan) => string;
  label: string;
}

/** Counts of a span: sums, each with its course as bars; and every step's numbers as a table. */
export function Counts({ series, of, hrefOf, label }: CountsProps) {
  const { span, steps, total } = series;
  const rows = rowsFor(of, series);
  const begin = steps[0]?.at ?? '';
  return (
    <div className="counts chart">
      <Spans current={span} hrefOf={hrefOf} label={`Span: ${label}`} />
      <table>
        <caption className="vh">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Count</th>
            <th scope="col">In all</th>
            <th scope="col">
              {writeStep(begin, span)} <span>until now</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, label: rowLabel, isBad = false }) => (
            <tr key={name}>
              <th scope="row">{rowLabel}</th>
              <td>{writeNumber(total[name])}</td>
              <td>
                <Bars values={steps.map((step) => step[name])} isBad={isBad && total[name] > 0} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Numbers series={series} rows={rows} label={label} />
    </div>
  );
}

/** The same step by step, newest first; steps in which nothing was are left out. */
function Numbers({ series, rows, label }: { series: CountSeries; rows: Row[]; label: string }) {
  const { span, steps, stepSeconds } = series;
  const some = steps.filter((step) => rows.some(({ name }) => step[name] !== 0)).reverse();
  if (some.length === 0) return <p className="q">Nothing was counted in this time.</p>;
  const minutes = stepSeconds / 60;
  const step =
    minutes < 60 ? (minutes === 1 ? 'minute' : `${minutes} minutes`) : `${minutes / 60} hours`;
  return (
    <details className="numbers">
      <summary>The numbers of each {step}</summary>
      {/* Wide tables scroll; by keyboard, too. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable. */}
      <section className="wide" tabIndex={0} aria-label={`Numbers: ${label}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {rows.map(({ name, label: rowLabel }) => (
                <th key={name} scope="col">
                  {rowLabel}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {some.map((each) => (
              <tr key={each.at}>
                <th scope="row">{writeStep(each.at, span)}</th>
                {rows.map(({ name }) => (
                  <td key={name}>{writeNumber(each[name])}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
