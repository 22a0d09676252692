import type { CheckReason } from '../../lib/model/feed.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import type { SourceSummary } from '../../lib/queries/sources.ts';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { Day } from './post.tsx';
import { writePause } from './text.ts';

interface Props {
  source: SourceSummary;
}

/** What stands beside a source's posts: its months, how it is read and why so often, its feeds. */
export function SourceRail({ source, months }: Props & { months: MonthCount[] }) {
  const path = `/source/${source.slug}`;
  return (
    <>
      {months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart slug={source.slug} path={path} months={months} />
        </section>
      ) : null}
      <section>
        <h2>Where it comes from</h2>
        <p>
          <a href={source.url}>Its own feed</a>
        </p>
        {source.lastGoodAt ? (
          <p>
            Last read <Day iso={source.lastGoodAt} />
          </p>
        ) : null}
        <Hub source={source} />
        <Pace source={source} />
      </section>
      <ListFeeds path={path} />
    </>
  );
}

/** Why we come as often as we do: publishers read this too. */
const REASONS: Record<CheckReason, string> = {
  base: 'our usual pause',
  rhythm: 'by its own rhythm',
  cache: 'as its server asks (Cache-Control, Expires)',
  ttl: 'as its feed asks (ttl)',
  schedule: 'as its feed asks (sy:updatePeriod)',
  skip: 'past hours that its feed asks to skip',
  errors: 'since it could not be read',
  'retry-after': 'as its server asks (Retry-After)',
  network: 'for our own network was down',
  push: 'in case that a message was lost',
};

/** A feed that names a WebSub hub need not be asked: its news comes by itself. */
function Hub({ source: { status, hub } }: Props) {
  if (hub === null || status !== 'active') return null;
  return <p>It tells us of its news itself, through {new URL(hub).host}.</p>;
}

function Pace({ source: { status, pauseMinutes, checkReason } }: Props) {
  if (status === 'gone') return <p>Gone for good, as its server says. Its posts stay.</p>;
  if (status === 'paused') return <p>Not read at present.</p>;
  if (pauseMinutes === null || checkReason === null) return null;
  return (
    <p>
      We look again after {writePause(pauseMinutes)}, {REASONS[checkReason]}.
    </p>
  );
}
