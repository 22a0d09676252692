import { CHECK_REASONS, describePoll, writeBytes, writeShare } from '../../lib/model/fetching.ts';
import { FULL_TEXT_REASONS } from '../../lib/model/full-text.ts';
import type { FeedFetching, FetchSums } from '../../lib/queries/fetching.ts';
import { oneLine, plural } from '../terminal-text.ts';

const LABEL_CHARACTERS = 14;

/** `2026-11-25 12:05 UTC`. */
const moment = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

const line = (label: string, text: string) => `${label.padEnd(LABEL_CHARACTERS)}${oneLine(text)}`;

function hintsOf({ hints, freshSeconds, retryAfterUntil }: FeedFetching): string[] {
  const { ttlMinutes, updateMinutes, skipHours, skipDays } = hints;
  return [
    ...(freshSeconds === null ? [] : [`keeps for ${freshSeconds} s (Cache-Control, Expires)`]),
    ...(ttlMinutes === undefined ? [] : [`ttl ${ttlMinutes} min`]),
    ...(updateMinutes === undefined ? [] : [`sy:updatePeriod ${updateMinutes} min`]),
    ...(skipHours?.length ? [`skipHours ${skipHours.join(', ')}`] : []),
    ...(skipDays?.length ? [`skipDays ${skipDays.join(', ')} (0 is Sunday)`] : []),
    ...(retryAfterUntil === null ? [] : [`Retry-After until ${moment(retryAfterUntil)}`]),
  ];
}

function sumsOf(feed: FeedFetching): string {
  const sum = (name: keyof FetchSums) => feed.days.reduce((all, day) => all + day[name], 0);
  return [
    plural(sum('requests'), 'request'),
    `${writeShare(sum('notModified'), sum('polls'))} not modified`,
    `${writeBytes(sum('wireBytes'))} received (${writeBytes(sum('bodyBytes'))} unpacked)`,
    `${sum('failures')} failed`,
    plural(sum('posts'), 'new post'),
  ].join(', ');
}

/** `12 taken, 3 wait (1 failed so far: …), 2 left: not allowed by robots.txt (2: …)`. */
function fullTextOf({ fullText }: FeedFetching): string[] {
  if (fullText === null) return ['off'];
  const { hindrance, taken, waiting, failing, failure, left } = fullText;
  if (hindrance !== null) return [`on, but no page is read: ${hindrance}`];
  const failed = failing === 0 ? '' : ` (${failing} failed so far: ${failure})`;
  const all = left.reduce((sum, { posts }) => sum + posts, 0);
  return [
    `on: ${taken} taken, ${waiting} waiting${failed}, ${all} left as excerpts`,
    ...left.map(
      ({ reason, posts, message, url }) =>
        `left ${posts}: ${FULL_TEXT_REASONS[reason]}; last ${url}${message ? `, ${message}` : ''}`,
    ),
  ];
}

/** What is told of a subscription with a hub. */
interface HubLine {
  hub: string | null;
  status: string;
}

/** A feed as a person reads it on a terminal: a line for each fact, then its last polls. */
export function describeFeed(feed: FeedFetching, subscription: HubLine | null): string[] {
  const [last] = feed.polls;
  const reason = feed.checkReason === null ? '' : `, ${CHECK_REASONS[feed.checkReason]}`;
  const validators = [feed.etag && `ETag ${feed.etag}`, feed.lastModified].filter(Boolean);
  const hints = hintsOf(feed);
  return [
    line('title', feed.title),
    line('address', feed.url),
    line('state', feed.errorCount > 0 ? `${feed.status}, failing` : feed.status),
    ...(last ? [line('last asked', `${moment(last.at)}: ${describePoll(last)}`)] : []),
    ...(feed.lastGoodAt ? [line('last read', moment(feed.lastGoodAt))] : []),
    ...(feed.status === 'active' ? [line('next', moment(feed.nextCheckAt) + reason)] : []),
    ...(feed.errorText === null
      ? []
      : [line('wrong', `${feed.errorText} (${plural(feed.errorCount, 'time')} running)`)]),
    ...(feed.errorSince ? [line('wrong since', moment(feed.errorSince))] : []),
    ...feed.choices.map(({ url, title }, i) =>
      line(i === 0 ? 'to choose' : '', `${i + 1} ${url}${title ? ` ${title}` : ''}`),
    ),
    ...(validators.length > 0 ? [line('validators', validators.join(', '))] : []),
    ...(subscription
      ? [line('hub', `${subscription.hub ?? 'none yet'}, ${subscription.status}`)]
      : []),
    ...hints.map((hint, i) => line(i === 0 ? 'heeded' : '', hint)),
    ...fullTextOf(feed).map((text, i) => line(i === 0 ? 'full text' : '', text)),
    ...(feed.movedTo ? [line('redirected to', feed.movedTo)] : []),
    ...(feed.days.length > 0 ? [line('last 30 days', sumsOf(feed))] : []),
    ...(feed.polls.length > 0 ? ['', 'Last polls:'] : []),
    ...feed.polls.map((poll) =>
      [
        moment(poll.at),
        String(poll.status ?? '–').padStart(4),
        writeBytes(poll.wireBytes).padStart(8),
        `${poll.ms} ms`.padStart(9),
        poll.isConditional ? ' if modified' : ' whole      ',
        describePoll(poll),
      ].join(' '),
    ),
  ];
}
