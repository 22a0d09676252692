import { CHECK_REASONS, describePoll } from '../../lib/model/fetching.ts';
import type { ListAddress } from '../../lib/model/list-address.ts';
import type { MonthCount } from '../../lib/model/tag.ts';
import type { FullTextCounts } from '../../lib/queries/full-texts.ts';
import type { ListCompany } from '../../lib/queries/list-company.ts';
import type { SourceSummary } from '../../lib/queries/sources.ts';
import { readFetching } from '../_data/fetching.ts';
import { ByMail } from './by-mail.tsx';
import { Company } from './company.tsx';
import { ListFeeds } from './list-feeds.tsx';
import { MonthChart } from './month-chart.tsx';
import { MuteList } from './mute.tsx';
import { Day, Moment } from './post.tsx';
import { writePause } from './text.ts';

interface Props {
  source: SourceSummary;
}

interface RailProps extends Props {
  address: ListAddress;
  months: MonthCount[];
  company: ListCompany;
}

/** What stands beside a source's posts: its months, how it is read and why so often, its feeds. */
export async function SourceRail({ address, source, months, company }: RailProps) {
  const path = `/source/${source.slug}`;
  const fetching = await readFetching(source.slug);
  const last = fetching?.polls[0];
  return (
    <>
      {months.length > 0 ? (
        <section>
          <h2>Posts a month</h2>
          <MonthChart address={address} months={months} />
        </section>
      ) : null}
      <Company company={company} hasAuthors />
      <section>
        <h2>Where it comes from</h2>
        <p>
          <a href={source.url}>Its own feed</a>
        </p>
        {source.lastGoodAt && last?.errorKind !== null ? (
          <p>
            Last read <Day iso={source.lastGoodAt} />
          </p>
        ) : null}
        {last ? (
          <p>
            Last asked <Moment iso={last.at} />: {describePoll(last)}
          </p>
        ) : null}
        <Hub source={source} />
        <Pace source={source} />
        <Pages fullText={fetching?.fullText ?? null} />
        <p>
          <a href={`${path}/fetching`}>What we fetched, and when</a>
        </p>
        <p>
          <a href={`${path}/publisher`}>For its publisher</a>
        </p>
      </section>
      <ByMail query={`source:${source.slug}`} of={source.title} />
      <ListFeeds address={address} />
      <MuteList kind="sources" slug={source.slug} />
    </>
  );
}

/** A feed that names a WebSub hub need not be asked: its news comes by itself. */
function Hub({ source: { status, hub } }: Props) {
  if (hub === null || status !== 'active') return null;
  return <p>It tells us of its news itself, through {new URL(hub).host}.</p>;
}

/** Said in the open, for it is more than the feed gives. */
function Pages({ fullText }: { fullText: FullTextCounts | null }) {
  if (fullText === null || fullText.hindrance !== null) return null;
  return (
    <p>
      It gives excerpts; we read the page of each new post for its full text
      {fullText.lastAt === null ? null : (
        <>
          , last <Moment iso={fullText.lastAt} />
        </>
      )}
      .
    </p>
  );
}

function Pace({ source: { status, pauseMinutes, checkReason, isTakenOut } }: Props) {
  if (isTakenOut) return <p>Its publisher has taken it out of this site.</p>;
  if (status === 'gone') return <p>Gone for good, as its server says. Its posts stay.</p>;
  if (status === 'paused') return <p>Not read at present.</p>;
  if (pauseMinutes === null || checkReason === null) return null;
  return (
    <p>
      We look again after {writePause(pauseMinutes)}, {CHECK_REASONS[checkReason]}.
    </p>
  );
}
