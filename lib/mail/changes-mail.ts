import type { ReactNode } from 'react';
import type { ToldChange } from '../model/alert.ts';
import { h, look, renderFrame, section } from './frame.ts';
import { inHeading, link, nameOf, subjectOf, type WrittenMail } from './mails.ts';
import { cutLine } from './shown-text.ts';

const TITLE_CHARACTERS_MAX = 300;
const BYLINE_CHARACTERS_MAX = 120;

/** What a mail of changes says. */
export interface ChangesMail {
  query: string;
  email: string;
  changes: ToldChange[];
  /** Where it is seen what has changed. */
  changesUrl: (postId: number) => string;
  manageUrl: string;
  unsubscribeUrl: string;
}

const WITHDRAWERS = { publisher: 'its publisher', operator: 'this site' };

function writeChanged(change: ToldChange, mail: ChangesMail): ReactNode {
  const { postId, url, formerTitle } = change;
  const source = cutLine(change.sourceTitle, BYLINE_CHARACTERS_MAX);
  return section(
    postId,
    h(
      'h2',
      { ...look('title'), dir: 'auto' },
      h(
        'a',
        { href: url, ...look('plainLink', 'ink headline') },
        cutLine(change.title, TITLE_CHARACTERS_MAX),
      ),
    ),
    h(
      'p',
      look('byline', 'muted'),
      'Post Syndicated from ',
      h('span', { dir: 'auto' }, cutLine(change.byline, BYLINE_CHARACTERS_MAX) || source),
      ' original ',
      h('a', { href: url, ...look('mutedLink', 'muted') }, cutLine(url, TITLE_CHARACTERS_MAX)),
    ),
    formerTitle === null
      ? null
      : h(
          'p',
          look('text', 'ink'),
          'It was called ',
          h('span', { dir: 'auto' }, `“${cutLine(formerTitle, TITLE_CHARACTERS_MAX)}”`),
          '.',
        ),
    h('p', look('small', 'muted'), link(mail.changesUrl(postId), 'See what has changed')),
  );
}

/** What was taken back is not repeated: its address says which it was. */
function writeWithdrawn({ postId, url, withdrawnBy, sourceTitle }: ToldChange): ReactNode {
  return section(
    postId,
    h('h2', look('title', 'ink'), 'Withdrawn'),
    h(
      'p',
      look('text', 'ink'),
      'A post from ',
      h('span', { dir: 'auto' }, cutLine(sourceTitle, BYLINE_CHARACTERS_MAX)),
      ` was withdrawn by ${WITHDRAWERS[withdrawnBy ?? 'operator']}: ${cutLine(url, TITLE_CHARACTERS_MAX)}`,
    ),
  );
}

/** The mail that says of posts which an alert has told that they are not as they were. */
export function writeChangesMail(mail: ChangesMail): WrittenMail {
  const { changes } = mail;
  const query = nameOf(mail.query);
  const number = changes.length;
  const [first] = changes;
  const posts = number === 1 ? 'A post' : `${number} posts`;
  const what = first?.kind === 'changed' ? `changed: ${first.title}` : 'a post was withdrawn';
  const others =
    number > 1 ? `, and ${number - 1} more ${number === 2 ? 'change' : 'changes'}` : '';
  const body = renderFrame({
    heading: `${posts} with ${inHeading(query)} ${number === 1 ? 'is' : 'are'} not as before`,
    lede: 'Your alert has told you before; this is what is different.',
    preview: `${posts} that you were told of ${number === 1 ? 'is' : 'are'} changed or gone.`,
    rows: [
      ...changes.map((change) =>
        change.kind === 'changed' ? writeChanged(change, mail) : writeWithdrawn(change),
      ),
      section(
        'foot',
        h(
          'p',
          look('small', 'muted'),
          link(mail.manageUrl, 'Tell no more changes, pause or change this alert'),
          h('br'),
          link(mail.unsubscribeUrl, 'Stop it'),
        ),
        h(
          'p',
          look('small', 'muted'),
          `Sent to ${mail.email}, who wished to hear of changes. Posts belong to their authors; the links lead to the originals.`,
        ),
      ),
    ],
  });
  return { subject: subjectOf(`${query}, ${what}${others}`), ...body };
}
