import { config } from '../config.ts';
import { FAILING_DAYS_MAX } from '../model/webhook.ts';
import { h, look, renderFrame, section } from './frame.ts';
import { button, inHeading, nameOf, subjectOf, type WrittenMail, writeDay } from './mails.ts';
import { cutLine } from './shown-text.ts';

/** Enough to know which it is. */
const URL_CHARACTERS_MAX = 300;
const ANSWER_CHARACTERS_MAX = 300;

/** A webhook that was switched off; `answer` is what the endpoint said at last. */
export interface WebhookMail {
  name: string;
  url: string;
  failingSince: string | null;
  answer: string;
  manageUrl: string;
}

/** The mail that tells an alert's owner that nothing goes to their endpoint any more. */
export function writeWebhookMail(mail: WebhookMail): WrittenMail {
  const name = nameOf(mail.name);
  const since = mail.failingSince === null ? '' : ` since ${writeDay(mail.failingSince)}`;
  const rows = [
    section(
      'off',
      h(
        'p',
        look('text', 'ink'),
        `${config().siteTitle} sends posts of your alert `,
        h('b', null, `“${name}”`),
        ` to ${cutLine(mail.url, URL_CHARACTERS_MAX)}. It has taken nothing${since}, so nothing more is sent there.`,
      ),
      h(
        'p',
        look('text', 'ink'),
        `The last answer: ${cutLine(mail.answer, ANSWER_CHARACTERS_MAX)}`,
      ),
      button(mail.manageUrl, 'Test it again'),
    ),
    section(
      'foot',
      h(
        'p',
        look('small', 'muted'),
        `After ${FAILING_DAYS_MAX} days without success an endpoint is switched off, or when it ` +
          'never took its test. What it missed can be sent again from your page.',
      ),
    ),
  ];
  const body = renderFrame({
    heading: `Webhook of ${inHeading(name)} switched off`,
    lede: `It has taken nothing${since}.`,
    preview: 'What was missed can be sent again.',
    rows,
  });
  return { subject: subjectOf(`Webhook switched off: ${name}`), ...body };
}
