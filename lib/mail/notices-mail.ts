import type { ReactNode } from 'react';
import { config } from '../config.ts';
import { type Notice, writeNotice } from '../model/notice.ts';
import { h, look, renderFrame, section } from './frame.ts';
import { link, subjectOf, type WrittenMail, writeDay } from './mails.ts';
import { cutLine } from './shown-text.ts';

/** Titles, addresses and errors in it are long enough already. */
const WHAT_CHARACTERS_MAX = 4000;
const PREVIEW_CHARACTERS_MAX = 300;

function writeSection(notice: Notice): ReactNode {
  const { heading, what, next, commands } = writeNotice(notice, writeDay);
  return section(
    notice.id,
    h('h2', look('title', 'ink'), heading),
    h('p', look('byline', 'muted'), writeDay(notice.createdAt)),
    h('p', look('text', 'ink'), cutLine(what, WHAT_CHARACTERS_MAX)),
    next === undefined ? null : h('p', look('small', 'muted'), next),
    ...commands.map((command) => h('p', { key: command, ...look('command', 'ink') }, command)),
  );
}

/** The mail that tells the operator what wants them, oldest first; at least one notice. */
export function writeNoticesMail(notices: readonly Notice[]): WrittenMail {
  const { siteTitle, siteUrl } = config();
  const [first] = notices.map((notice) => writeNotice(notice, writeDay));
  const others = notices.length > 1 ? ` and ${notices.length - 1} more` : '';
  const heading = notices.length === 1 ? 'One notice' : `${notices.length} notices`;
  const foot = section(
    'foot',
    h('p', look('small', 'muted'), link(`${siteUrl}/admin`, 'What else wants you')),
    h(
      'p',
      look('small', 'muted'),
      `Sent to OPERATOR_CONTACT of ${siteTitle}, at most once an hour, each thing once.`,
    ),
  );
  const body = renderFrame({
    heading,
    lede: `For the operator of ${siteTitle}.`,
    preview: cutLine(first?.what ?? '', PREVIEW_CHARACTERS_MAX),
    rows: [...notices.map(writeSection), foot],
  });
  return { subject: subjectOf(`${siteTitle}: ${first?.heading ?? heading}${others}`), ...body };
}
