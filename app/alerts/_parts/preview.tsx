import { config } from '../../../lib/config.ts';
import type { AlertPreview, Hit } from '../../../lib/model/alert.ts';
import { Marked } from '../../_components/marked.tsx';
import { count, writeDay } from '../../_components/text.ts';

const DAYS_PER_WEEK = 7;
const DAYS_PER_MONTH = 30;

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

/** What the words would have found lately: before anybody leaves an address. */
export function Preview({ preview }: { preview: AlertPreview }) {
  const { posts, days, latest } = preview;
  return (
    <div className="live" role="status">
      <p className="big">{frequency(preview)}</p>
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
      <ol>
        {latest.map((hit) => (
          <Sentence key={hit.postId} hit={hit} />
        ))}
      </ol>
    </div>
  );
}
