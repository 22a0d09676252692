import { config } from '../../../lib/config.ts';
import {
  type AlertPreview,
  type Hit,
  INSTANT_MAILS_PER_DAY_MAX,
  type Proposal,
} from '../../../lib/model/alert.ts';
import { Marked } from '../../_components/marked.tsx';
import { count, writeDay } from '../../_components/text.ts';

const DAYS_PER_WEEK = 7;
const DAYS_PER_MONTH = 30;

interface Props {
  preview: AlertPreview;
  /** Where other words are tried. */
  hrefOf: (query: string) => string;
}

/** How often mails would come, in words. */
function frequency({ posts, days }: AlertPreview): string {
  const perDay = posts / days;
  const about = (number: number, time: string) =>
    `About ${count(Math.round(number), 'post')} a ${time}`;
  if (posts === 0) return 'Nothing so far';
  if (perDay >= 1) return about(perDay, 'day');
  if (perDay * DAYS_PER_WEEK >= 1) return about(perDay * DAYS_PER_WEEK, 'week');
  if (perDay * DAYS_PER_MONTH >= 1) return about(perDay * DAYS_PER_MONTH, 'month');
  return `${count(posts, 'post')} in three months`;
}

function Sentence({ hit }: { hit: Hit }) {
  return (
    <li>
      {hit.sentence.length > 0 ? (
        <blockquote>
          <Marked text={hit.sentence} />
        </blockquote>
      ) : null}
      <cite>
        <a href={hit.url}>
          <Marked text={hit.title} />
        </a>
        , {hit.sourceTitle}, {writeDay(hit.sortAt)}
        {hit.tags.length > 0 ? `, tagged ${hit.tags.join(', ')}` : ''}
      </cite>
    </li>
  );
}

const WEEK_PIXELS = 12;
const CHART_PIXELS = 36;

/** Posts a week as bars, and as numbers for who does not see them. */
function Weeks({ weeks }: { weeks: number[] }) {
  const most = Math.max(...weeks);
  if (weeks.length < 2 || most === 0) return null;
  return (
    <svg
      className="weeks"
      role="img"
      aria-label={`Posts a week, the latest last: ${weeks.join(', ')}`}
      width={weeks.length * WEEK_PIXELS}
      height={CHART_PIXELS}
    >
      {weeks.map((posts, week) => {
        const height = posts === 0 ? 1 : Math.max(3, (posts / most) * CHART_PIXELS);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: weeks stand in their order.
            key={week}
            x={week * WEEK_PIXELS}
            y={CHART_PIXELS - height}
            width={WEEK_PIXELS - 3}
            height={height}
          />
        );
      })}
    </svg>
  );
}

function proposalWords(proposal: Proposal, all: number): string {
  const has = count(proposal.posts, 'post has', 'posts have');
  switch (proposal.kind) {
    case 'exclude':
      return `${proposal.posts} of the ${all} ${proposal.of === 'tag' ? 'are tagged' : 'are from'} ${proposal.name}: leave those out?`;
    case 'near':
      return `Did you mean this? ${has} it:`;
    case 'wider':
      return `${has} this, which asks for less:`;
  }
}

/** Other queries that may be meant, each as a link that tries it. */
function Proposals({ preview: { proposals, posts }, hrefOf }: Props) {
  if (proposals.length === 0) return null;
  return (
    <ul className="plain proposals">
      {proposals.map((proposal) => (
        <li key={proposal.query}>
          {proposalWords(proposal, posts)} <a href={hrefOf(proposal.query)}>{proposal.query}</a>
        </li>
      ))}
    </ul>
  );
}

/** What the words would have found lately: before anybody leaves an address. */
export function Preview({ preview, hrefOf }: Props) {
  const { posts, days, latest } = preview;
  return (
    <div className="live" role="status">
      <p className="big">{frequency(preview)}</p>
      <Weeks weeks={preview.weeks} />
      {posts === 0 ? (
        <p className="q">
          No post of the last {days} days on {config().siteTitle} has this. The alert watches all
          the same; other or fewer words may find more.
        </p>
      ) : (
        <p className="q">
          {count(posts, 'post')} in the last {days} days.{' '}
          {latest.length === 1 ? 'It is this one:' : 'The latest that would have reached you:'}
        </p>
      )}
      {posts / days > INSTANT_MAILS_PER_DAY_MAX ? (
        <p className="q">
          So many would be more than {INSTANT_MAILS_PER_DAY_MAX} mails a day: an alert that tells at
          once becomes a daily digest then.
        </p>
      ) : null}
      <Proposals preview={preview} hrefOf={hrefOf} />
      <ol>
        {latest.map((hit) => (
          <Sentence key={hit.postId} hit={hit} />
        ))}
      </ol>
    </div>
  );
}
