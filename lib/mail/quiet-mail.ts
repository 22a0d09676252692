import type { ReactNode } from 'react';
import { config } from '../config.ts';
import {
  type Coverage,
  type Hit,
  type NearMiss,
  QUIET_AGAIN_DAYS,
  type QuietAlert,
} from '../model/alert.ts';
import { h, look, renderFrame, section } from './frame.ts';
import {
  link,
  nameOf,
  subjectOf,
  type WrittenMail,
  writeCoverage,
  writeDay,
  writeMarked,
} from './mails.ts';
import { cutLine } from './shown-text.ts';

const HEADING_CHARACTERS_MAX = 100;
const TITLE_CHARACTERS_MAX = 300;
const SOURCE_CHARACTERS_MAX = 120;

/** What a mail of quiet alerts says. */
export interface QuietMail {
  email: string;
  alerts: QuietAlert[];
  coverage: Coverage;
  manageUrl: string;
  /** Where these mails are switched off. */
  stopUrl: string;
  /** Where an alert gets other words. */
  wordsUrl: (alertId: number, query: string) => string;
}

const count = (number: number, one: string, many = `${one}s`) =>
  `${number} ${number === 1 ? one : many}`;

/** What kept posts out, in words before the query that meets them. */
function sayMiss({ kind, posts }: NearMiss): string {
  const has = `${count(posts, 'post')} ${posts === 1 ? 'has' : 'have'}`;
  switch (kind) {
    case 'excluded':
      return `${count(posts, 'post')} would have met it but for what it leaves out. With that: `;
    case 'near':
      return `${has} it spelt another way: `;
    case 'wider':
      return `${has} part of it: `;
    case 'filtered':
      return `${has} the words, but not what the filter policy asks for: `;
  }
}

function writeMissed(hit: Hit): ReactNode {
  return h(
    'p',
    { key: hit.postId, ...look('small', 'muted') },
    h(
      'a',
      { href: hit.url, dir: 'auto', ...look('plainLink', 'ink') },
      ...writeMarked(hit.title, TITLE_CHARACTERS_MAX),
    ),
    h('br'),
    h('span', { dir: 'auto' }, cutLine(hit.sourceTitle, SOURCE_CHARACTERS_MAX)),
    `, ${writeDay(hit.sortAt)}`,
  );
}

function writeMiss(alert: QuietAlert, miss: NearMiss, mail: QuietMail): ReactNode[] {
  return [
    h(
      'p',
      { key: miss.query, ...look('text', 'ink') },
      sayMiss(miss),
      h('b', null, nameOf(miss.query)),
    ),
    ...miss.hits.map(writeMissed),
    miss.kind === 'filtered'
      ? null
      : h(
          'p',
          { key: `${miss.query} act`, ...look('small', 'muted') },
          link(mail.wordsUrl(alert.id, miss.query), 'Watch for this instead'),
        ),
  ];
}

function writeAlert(alert: QuietAlert, mail: QuietMail): ReactNode {
  const since = writeDay(alert.since);
  return section(
    alert.id,
    h('h2', { ...look('title', 'ink'), dir: 'auto' }, cutLine(alert.name, HEADING_CHARACTERS_MAX)),
    h(
      'p',
      look('byline', 'muted'),
      alert.hasFound ? `Nothing new since ${since}.` : `Nothing found since it began on ${since}.`,
    ),
    ...alert.misses.flatMap((miss) => writeMiss(alert, miss, mail)),
  );
}

/** The mail that says that alerts which have found nothing for long still watch. */
export function writeQuietMail(mail: QuietMail): WrittenMail {
  const { alerts } = mail;
  const isOne = alerts.length === 1;
  const first = nameOf(alerts[0]?.name ?? '');
  const others = isOne ? '' : ` and ${alerts.length - 1} more`;
  const missed = alerts.some(({ misses }) => misses.length > 0);
  const body = renderFrame({
    heading: isOne ? 'Your alert still watches' : `${alerts.length} of your alerts still watch`,
    lede: `${isOne ? 'It has' : 'They have'} found nothing for a while.${missed ? ' This came near.' : ''}`,
    preview: `Nothing new for ${isOne ? 'it' : 'them'}${missed ? ', and this came near' : ''}.`,
    rows: [
      ...alerts.map((alert) => writeAlert(alert, mail)),
      section(
        'foot',
        h('p', look('small', 'muted'), writeCoverage(mail.coverage)),
        h(
          'p',
          look('small', 'muted'),
          link(mail.manageUrl, 'Change or stop alerts'),
          h('br'),
          link(mail.stopUrl, 'No more mails of quiet alerts'),
        ),
        h(
          'p',
          look('small', 'muted'),
          `Sent to ${mail.email} by ${config().siteTitle}, once when an alert is quiet for a month ` +
            `and then every ${QUIET_AGAIN_DAYS} days at most. Posts belong to their authors; the links lead to the originals.`,
        ),
      ),
    ],
  });
  return { subject: subjectOf(`Still watching: ${first}${others}`), ...body };
}
