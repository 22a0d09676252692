import type { ReactNode } from 'react';
import { config } from '../config.ts';
import {
  type Cadence,
  type Coverage,
  type Hit,
  INSTANT_MAILS_PER_DAY_MAX,
} from '../model/alert.ts';
import type { MarkedText } from '../model/marked-text.ts';
import { h, look, renderFrame, section } from './frame.ts';
import { cutLine } from './shown-text.ts';

/** A mail as it is written, before it is addressed. */
export interface WrittenMail {
  subject: string;
  html: string;
  text: string;
}

/** Longer subjects are cut by mail programs anyway. */
const SUBJECT_CHARACTERS_MAX = 120;
/** Of what others have written, more says nothing in a mail; the links lead to the rest. */
const NAME_CHARACTERS_MAX = 300;
/** Of large letters, so many are half a phone already. */
const HEADING_CHARACTERS_MAX = 100;
const TITLE_CHARACTERS_MAX = 300;
const BYLINE_CHARACTERS_MAX = 120;
const PREVIEW_CHARACTERS_MAX = 300;
const SENTENCE_CHARACTERS_MAX = 800;
const TAGS_MAX = 12;
const NUMBER_WORDS = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];
/** How often an alert writes, as its mails say it. */
export const CADENCE_WORDS: Record<Cadence, string> = {
  instant: 'at once',
  daily: 'once a day',
  weekly: 'once a week',
  feed: 'in a feed of your own',
};

const plain = (marked: MarkedText) => marked.map((piece) => piece.text).join('');

/**
 * A text as one line of a header, cut where mail programs would cut it. A line break would be a
 * header of its own, were the mail library not to fold it.
 */
export const subjectOf = (text: string): string => cutLine(text, SUBJECT_CHARACTERS_MAX);

/** What an alert is called, which a policy's words can make long. */
export const nameOf = (text: string): string => cutLine(text, NAME_CHARACTERS_MAX);

/** The same between quotation marks, for a heading. */
export const inHeading = (name: string): string => `“${cutLine(name, HEADING_CHARACTERS_MAX)}”`;

/** By what they were made with: making one takes as long as all else in a mail. */
const formats = new Map<string, Intl.DateTimeFormat>();

function writeDate(
  time: Date | string,
  options: Intl.DateTimeFormatOptions,
  timeZone = config().siteTimezone,
): string {
  const key = JSON.stringify([timeZone, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone, ...options });
  formats.set(key, format);
  return format.format(new Date(time));
}

/** `3 June 2018`, in the site's time zone. */
export const writeDay = (time: Date | string) =>
  writeDate(time, { day: 'numeric', month: 'long', year: 'numeric' });

/** A link below the text of a mail. */
export const link = (href: string, text: string) => h('a', { href, ...look('act', 'act') }, text);

/** The one thing that a mail asks its reader to do. */
export const button = (href: string, text: string) =>
  h('p', { style: { margin: '24px 0 0' } }, h('a', { href, ...look('button', 'btn') }, text));

/** @param max UTF-16 units; the piece that goes beyond is cut, those after it left out. */
export function writeMarked(marked: MarkedText, max: number): ReactNode[] {
  let left = max;
  return marked.flatMap(({ text, isMatch }, i) => {
    if (left <= 0) return [];
    const shown = text.length > left ? cutLine(text, left) : text.replace(/[\s\p{Cc}]+/gu, ' ');
    left -= text.length;
    return [isMatch ? h('b', { key: i, ...look('mark', 'mark') }, shown) : shown];
  });
}

/** A source that is asked once a day has no late posts yet. */
const LATE_MS_MIN = 36 * 3_600_000;

const isLate = (hit: Hit) => Date.parse(hit.seenAt) - Date.parse(hit.sortAt) > LATE_MS_MIN;

function writeHit(hit: Hit): ReactNode {
  const source = cutLine(hit.sourceTitle, BYLINE_CHARACTERS_MAX);
  const tags = hit.tags.slice(0, TAGS_MAX).map((tag) => cutLine(tag, BYLINE_CHARACTERS_MAX));
  return section(
    hit.postId,
    h(
      'h2',
      // What is written from right to left, and the mail around it, each keep their direction.
      { ...look('title'), dir: 'auto' },
      h(
        'a',
        { href: hit.url, ...look('plainLink', 'ink headline') },
        ...writeMarked(hit.title, TITLE_CHARACTERS_MAX),
      ),
    ),
    h(
      'p',
      look('byline', 'muted'),
      'Post Syndicated from ',
      h(
        'span',
        { className: 'ink', dir: 'auto', style: { color: '#171b21' } },
        cutLine(hit.byline, BYLINE_CHARACTERS_MAX) || source,
      ),
      ' original ',
      h(
        'a',
        { href: hit.url, ...look('mutedLink', 'muted') },
        cutLine(hit.url, TITLE_CHARACTERS_MAX),
      ),
      h('br'),
      h('span', { dir: 'auto' }, source),
      `, ${writeDay(hit.sortAt)}${isLate(hit) ? `, found late: on ${writeDay(hit.seenAt)}` : ''}`,
      tags.length > 0 ? `, tagged ${tags.join(', ')}` : '',
    ),
    hit.sentence.length > 0
      ? h(
          'p',
          { ...look('text', 'ink'), dir: 'auto' },
          ...writeMarked(hit.sentence, SENTENCE_CHARACTERS_MAX),
        )
      : null,
  );
}

/** What a mail of hits says, and the links below it. */
export interface HitsMail {
  query: string;
  cadence: Cadence;
  email: string;
  confirmedAt: string | null;
  createdAt: Date;
  /** Of its reader's clock. */
  timeZone: string;
  /** When the alert became a daily one by itself; ISO 8601. */
  calmedAt: string | null;
  hits: Hit[];
  /** With those that the mail leaves out. */
  total: number;
  manageUrl: string;
  unsubscribeUrl: string;
  searchUrl: string;
  /** Of digests: which sources it cannot speak for. */
  coverage?: Coverage | undefined;
}

/** What a digest can speak for. */
export function writeCoverage({ sources, unreachable, latest }: Coverage): string {
  const checked = sources === 1 ? 'One source was checked' : `${sources} sources were checked`;
  if (unreachable === 0) {
    return `${checked} for this, and ${sources === 1 ? 'it' : 'all of them'} can be reached.`;
  }
  const nameSource = (title: string) => cutLine(title, BYLINE_CHARACTERS_MAX);
  const names = latest
    .map(({ title, since }) => `${nameSource(title)} since ${writeDay(since)}`)
    .join(', ');
  const others = unreachable > latest.length ? `, and ${unreachable - latest.length} more` : '';
  return (
    `${checked} for this. Not to be reached: ${names}${others}. ` +
    'What they publish meanwhile comes when they are back, marked as found late.'
  );
}

function writeLinks(mail: HitsMail): ReactNode {
  const left = mail.total - mail.hits.length;
  const asked =
    mail.confirmedAt === null ? '' : `, who asked for it on ${writeDay(mail.confirmedAt)}`;
  return section(
    'foot',
    left > 0 ? h('p', look('text', 'ink'), `And ${left} more.`) : null,
    mail.calmedAt === null
      ? null
      : h(
          'p',
          look('text', 'ink'),
          `This alert met posts for more than ${INSTANT_MAILS_PER_DAY_MAX} mails in a day, so it comes ` +
            'once a day from now on. Its page has the way back, and leaves room to ask for less.',
        ),
    mail.coverage ? h('p', look('small', 'muted'), writeCoverage(mail.coverage)) : null,
    h(
      'p',
      look('small', 'muted'),
      link(mail.manageUrl, 'Pause or change this alert'),
      h('br'),
      link(mail.unsubscribeUrl, 'Stop it'),
      h('br'),
      link(mail.searchUrl, 'All posts that have it'),
    ),
    h(
      'p',
      look('small', 'muted'),
      `Sent to ${mail.email}${asked}. Posts belong to their authors; the links lead to the originals.`,
    ),
  );
}

/** The mail that tells the posts which met an alert. */
export function writeHitsMail(mail: HitsMail): WrittenMail {
  const { total, hits, timeZone } = mail;
  const query = nameOf(mail.query);
  const titles = hits.map((hit) => cutLine(plain(hit.title), TITLE_CHARACTERS_MAX));
  const number = NUMBER_WORDS[total] ?? String(total);
  const time = writeDate(mail.createdAt, { dateStyle: 'long', timeStyle: 'short' }, timeZone);
  const body = renderFrame({
    heading: `${number} new ${total === 1 ? 'post' : 'posts'} with ${inHeading(query)}`,
    lede: `${time} (${timeZone}). Your alert, ${CADENCE_WORDS[mail.cadence]}.`,
    preview: cutLine(titles.join('; '), PREVIEW_CHARACTERS_MAX),
    rows: [...hits.map(writeHit), writeLinks(mail)],
  });
  const others = total > 1 ? ` and ${total - 1} more` : '';
  return { subject: subjectOf(`${query}: ${titles[0] ?? ''}${others}`), ...body };
}
