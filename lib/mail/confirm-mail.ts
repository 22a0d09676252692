import { config } from '../config.ts';
import type { Cadence } from '../model/alert.ts';
import { h, look, renderFrame, section } from './frame.ts';
import {
  button,
  CADENCE_WORDS,
  inHeading,
  link,
  nameOf,
  subjectOf,
  type WrittenMail,
  writeDay,
} from './mails.ts';
import { cutLine } from './shown-text.ts';

// The mails that answer whoever asks for an alert.

/** RFC 1035, 2.3.4, with a port. */
const HOST_CHARACTERS_MAX = 260;

/** A stranger may have asked, with an endpoint of theirs: who confirms knows where posts go. */
const sayWebhook = (host: string) =>
  h(
    'p',
    look('text', 'ink'),
    'Each post is also sent to a webhook at ',
    h('b', null, cutLine(host, HOST_CHARACTERS_MAX)),
    '. Confirm only if that endpoint is yours.',
  );

/**
 * The mail that asks whether its reader wants the alert.
 * @param wish.webhookHost where its posts are sent as well, with the port, as readWebhookAddress
 *   gives it (ASCII). Not the whole address: its path may be a key.
 */
export function writeConfirmMail(wish: {
  query: string;
  cadence: Cadence;
  requestedAt: Date;
  confirmUrl: string;
  /** Where its reader says that the address is never to be asked again. */
  neverUrl: string;
  hoursLeft: number;
  webhookHost?: string | undefined;
}): WrittenMail {
  const { siteTitle } = config();
  const query = nameOf(wish.query);
  const hours = wish.hoursLeft === 1 ? 'an hour' : `${wish.hoursLeft} hours`;
  const rows = [
    section(
      'ask',
      h(
        'p',
        { ...look('text', 'ink') },
        `Somebody, hopefully you, asked ${siteTitle} to write to this address when a new post has `,
        h('b', null, `“${query}”`),
        wish.cadence === 'instant' || wish.cadence === 'feed'
          ? `, ${CADENCE_WORDS[wish.cadence]}.`
          : `, at most ${CADENCE_WORDS[wish.cadence]}.`,
      ),
      wish.webhookHost === undefined ? null : sayWebhook(wish.webhookHost),
      button(wish.confirmUrl, 'Confirm this alert'),
    ),
    section(
      'foot',
      h(
        'p',
        look('small', 'muted'),
        `The link leads to a page with a button and works for ${hours}. ` +
          'If it was not you, do nothing: without the button, this alert sends nothing.',
        h('br'),
        link(wish.neverUrl, 'Never ask this address again'),
      ),
    ),
  ];
  const body = renderFrame({
    heading: `Watch for ${inHeading(query)}?`,
    lede: `Asked for on ${writeDay(wish.requestedAt)}.`,
    preview: 'One click, and the alert begins.',
    rows,
  });
  return { subject: subjectOf(`Confirm your alert: ${query}`), ...body };
}

/** The mail for somebody who asks for an alert that is there: the way to it. */
export function writeKnownMail(known: {
  query: string;
  status: 'active' | 'paused';
  manageUrl: string;
}): WrittenMail {
  const query = nameOf(known.query);
  const state = known.status === 'active' ? 'in force already' : 'there, but paused';
  const rows = [
    section(
      'known',
      h(
        'p',
        look('text', 'ink'),
        `Somebody, hopefully you, asked ${config().siteTitle} again for an alert with `,
        h('b', null, `“${query}”`),
        `. It is ${state}, and stays as it is.`,
      ),
      button(known.manageUrl, 'Open your alerts'),
    ),
    section('foot', h('p', look('small', 'muted'), 'If it was not you, do nothing.')),
  ];
  const body = renderFrame({
    heading: `Your alert ${inHeading(query)} is ${state}`,
    lede: 'Somebody asked for it again.',
    preview: 'The way to your alerts.',
    rows,
  });
  return { subject: subjectOf(`Your alert is ${state}: ${query}`), ...body };
}
