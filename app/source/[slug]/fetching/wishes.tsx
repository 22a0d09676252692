import type { ReactNode } from 'react';
import { CHECK_REASONS } from '../../../../lib/model/fetching.ts';
import type { FeedFetching } from '../../../../lib/queries/fetching.ts';
import { Moment } from '../../../_components/post.tsx';
import { writePause } from '../../../_components/text.ts';

interface Props {
  feed: FeedFetching;
}

/** A section of names and what is known under each. */
export function Pairs({
  id,
  heading,
  children,
}: {
  id: string;
  heading: string;
  children: ReactNode;
}) {
  return (
    <section className="sec" aria-labelledby={id}>
      <h2 className="h" id={id}>
        {heading}
      </h2>
      <dl className="pairs">{children}</dl>
    </section>
  );
}

export function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** When we ask, and why then. */
export function Schedule({ feed }: Props) {
  return (
    <Pairs id="schedule" heading="When we ask">
      <Next feed={feed} />
      {feed.lastGoodAt ? (
        <Pair name="Last read well">
          <Moment iso={feed.lastGoodAt} />
        </Pair>
      ) : null}
      {feed.rhythmMinutes !== null ? (
        <Pair name="Usual time between posts">{writePause(feed.rhythmMinutes)}</Pair>
      ) : null}
      {feed.movedTo !== null && feed.movedSince !== null ? (
        <Pair name="Redirected for good">
          to {feed.movedTo}, since <Moment iso={feed.movedSince} />
        </Pair>
      ) : null}
    </Pairs>
  );
}

function Next({ feed }: Props) {
  if (feed.status === 'gone') {
    return <Pair name="Next">never: its server says that it is gone for good</Pair>;
  }
  if (feed.status === 'paused') return <Pair name="Next">not at present</Pair>;
  return (
    <>
      <Pair name="Next">
        <Moment iso={feed.nextCheckAt} />
        {feed.checkReason === null ? null : `, ${CHECK_REASONS[feed.checkReason]}`}
      </Pair>
      {feed.pauseMinutes === null ? null : (
        <Pair name="Pause">{writePause(feed.pauseMinutes)}</Pair>
      )}
    </>
  );
}

const DAYS = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];
/** Opaque, and as long as its server likes. */
const VALIDATOR_CHARACTERS_SHOWN = 80;

const cut = (text: string) =>
  text.length > VALIDATOR_CHARACTERS_SHOWN ? `${text.slice(0, VALIDATOR_CHARACTERS_SHOWN)}…` : text;

/** What the server and the feed say of when and how to ask; all of it is heeded. */
export function Wishes({ feed }: Props) {
  const { etag, lastModified, freshSeconds, retryAfterUntil, fullCheckAt } = feed;
  const none = <span className="q">not sent</span>;
  const hasValidators = etag !== null || lastModified !== null;
  return (
    <Pairs id="wishes" heading="What server and feed tell us, and we heed">
      <Pair name="ETag">{etag === null ? none : <code>{cut(etag)}</code>}</Pair>
      <Pair name="Last-Modified">{lastModified === null ? none : cut(lastModified)}</Pair>
      {hasValidators && fullCheckAt !== null ? (
        <Pair name="Asked without them">
          <Moment iso={fullCheckAt} />, and once a week
        </Pair>
      ) : null}
      <Pair name="Cache-Control, Expires">
        {freshSeconds === null ? none : `keeps for ${writePause(Math.round(freshSeconds / 60))}`}
      </Pair>
      {retryAfterUntil !== null ? (
        <Pair name="Retry-After">
          not before <Moment iso={retryAfterUntil} />
        </Pair>
      ) : null}
      <Hints feed={feed} />
    </Pairs>
  );
}

function Hints({ feed: { hints } }: Props) {
  const { ttlMinutes, updateMinutes, skipHours = [], skipDays = [] } = hints;
  return (
    <>
      {ttlMinutes === undefined ? null : <Pair name="ttl">{writePause(ttlMinutes)}</Pair>}
      {updateMinutes === undefined ? null : (
        <Pair name="sy:updatePeriod">every {writePause(Math.round(updateMinutes))}</Pair>
      )}
      {skipHours.length === 0 ? null : (
        <Pair name="skipHours">{skipHours.map((hour) => `${hour}:00`).join(', ')} UTC</Pair>
      )}
      {skipDays.length === 0 ? null : (
        <Pair name="skipDays">{skipDays.map((day) => DAYS[day]).join(', ')}</Pair>
      )}
    </>
  );
}
