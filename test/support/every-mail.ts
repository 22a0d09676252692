import { writeChangesMail } from '../../lib/mail/changes-mail.ts';
import { writeConfirmMail, writeKnownMail } from '../../lib/mail/confirm-mail.ts';
import { writeHitsMail } from '../../lib/mail/mails.ts';
import { writeNoticesMail } from '../../lib/mail/notices-mail.ts';
import { writeQuietMail } from '../../lib/mail/quiet-mail.ts';
import type { OutgoingMail } from '../../lib/mail/send.ts';
import { writeWebhookMail } from '../../lib/mail/webhook-mail.ts';
import type { Hit } from '../../lib/model/alert.ts';
import type { Notice } from '../../lib/model/notice.ts';

/** What others have written and a mail repeats. */
export interface MailContent {
  /** What the alert watches for. */
  query: string;
  title: string;
  author: string;
  source: string;
  sentence: string;
  tag: string;
  /** Of the post; an endpoint's and a feed's begin like it. */
  url: string;
  /** What a server answered. */
  answer: string;
}

const TIME = '2026-05-20T08:30:00.000Z';
const OWN = 'https://news.example/alerts';
const TOKEN = `123456.${'x'.repeat(11)}.7.${'A'.repeat(43)}`;

function makeHit(content: MailContent, postId: number): Hit {
  return {
    postId,
    title: [{ text: content.title, isMatch: false }],
    url: content.url,
    sourceTitle: content.source,
    byline: content.author,
    sortAt: TIME,
    seenAt: postId === 1 ? TIME : '2026-05-23T08:30:00.000Z',
    sentence: [
      { text: `${content.sentence} `, isMatch: false },
      { text: content.query, isMatch: true },
      { text: '.', isMatch: false },
    ],
    tags: [content.tag, `${content.tag} 2`],
  };
}

/** Notices of all kinds, of a feed with this content. */
function listNotices({ source: title, url, answer: error }: MailContent): Notice[] {
  const data = {
    failing: { title, url, since: TIME, error },
    gone: { title, url, since: TIME },
    moved: { title, from: url, to: `${url}/new`, isTaken: true },
    removed: { title, url },
    unreleased: { title, url, since: TIME, error },
    flood: { title, url, flood: 1, posts: 300 },
    mailbox: { name: url, since: TIME, error },
    network: { hosts: 5, machines: { [title]: TIME } },
  };
  return Object.entries(data).map(
    ([kind, each], index) =>
      ({ id: index, kind, data: each, createdAt: TIME, endedAt: null, mailedAt: null }) as Notice,
  );
}

/** Mails of hits: at once, of a digest, and the one that says that it comes once a day now. */
function writeHits(content: MailContent, kind: 'instant' | 'daily' | 'weekly' | 'calmed') {
  const isOne = kind === 'instant';
  const mail = writeHitsMail({
    query: content.query,
    cadence: kind === 'calmed' ? 'daily' : kind,
    email: 'reader@example.org',
    confirmedAt: TIME,
    createdAt: new Date(TIME),
    timeZone: 'UTC',
    calmedAt: kind === 'calmed' ? TIME : null,
    hits: isOne ? [makeHit(content, 1)] : [makeHit(content, 1), makeHit(content, 2)],
    total: isOne ? 1 : 25,
    manageUrl: `${OWN}/manage/${TOKEN}`,
    unsubscribeUrl: `${OWN}/unsubscribe/${TOKEN}`,
    searchUrl: `https://news.example/search?${new URLSearchParams({ q: content.query.toWellFormed() })}`,
    coverage: isOne
      ? undefined
      : { sources: 40, unreachable: 2, latest: [{ title: content.source, since: TIME }] },
  });
  const list = { id: 'alert-12', kind, unsubscribeUrl: `${OWN}/unsubscribe/${TOKEN}` };
  return { ...mail, list };
}

/** Of a post that has another title now, and of one that was withdrawn. */
function writeChanges(content: MailContent) {
  const { title, url, author: byline, source: sourceTitle } = content;
  const post = { url, title, byline, sourceTitle };
  const unsubscribeUrl = `${OWN}/unsubscribe/${TOKEN}`;
  const mail = writeChangesMail({
    query: content.query,
    email: 'reader@example.org',
    changes: [
      { ...post, postId: 1, kind: 'changed', withdrawnBy: null, formerTitle: `${title} 1` },
      { ...post, postId: 2, kind: 'withdrawn', withdrawnBy: 'publisher', formerTitle: null },
    ],
    changesUrl: (postId) => `https://news.example/post/${postId}/-/changes`,
    manageUrl: `${OWN}/manage/${TOKEN}`,
    unsubscribeUrl,
  });
  return { ...mail, list: { id: 'alert-12', kind: 'changes', unsubscribeUrl } };
}

/** Of two quiet alerts, with near misses of all kinds. */
function writeQuiet(content: MailContent) {
  const kinds = ['excluded', 'near', 'wider', 'filtered'] as const;
  const misses = kinds.map((kind, n) => ({
    kind,
    query: `${content.query} ${kind}`,
    posts: n + 1,
    hits: [makeHit(content, n)],
  }));
  const stopUrl = `${OWN}/quiet/${TOKEN}`;
  const mail = writeQuietMail({
    email: 'reader@example.org',
    alerts: [
      { id: 1, name: content.query, since: TIME, hasFound: true, misses },
      { id: 2, name: `${content.query} 2`, since: TIME, hasFound: false, misses: [] },
    ],
    coverage: { sources: 40, unreachable: 2, latest: [{ title: content.source, since: TIME }] },
    manageUrl: `${OWN}/manage/${TOKEN}`,
    stopUrl,
    wordsUrl: (id, query) =>
      `${OWN}/manage/${TOKEN}/words/${id}?${new URLSearchParams({ query: query.toWellFormed() })}`,
  });
  return { ...mail, list: { id: 'quiet-alerts', kind: 'quiet', unsubscribeUrl: stopUrl } };
}

/**
 * A mail of every kind that we send, as it goes to `sendMail`, with the same content in each.
 * @returns by kind; the dedupe key is the kind.
 */
export function everyMail(content: MailContent): Map<string, OutgoingMail> {
  const requestedAt = new Date(TIME);
  const confirmUrl = `${OWN}/confirm/${TOKEN}`;
  const manageUrl = `${OWN}/manage/${TOKEN}`;
  const { query, url, answer } = content;
  const written = {
    confirm: writeConfirmMail({
      query,
      cadence: 'daily',
      requestedAt,
      confirmUrl,
      neverUrl: `${OWN}/never/${TOKEN}`,
      hoursLeft: 48,
      webhookHost: new URL(url).host,
    }),
    known: writeKnownMail({ query, status: 'paused', manageUrl }),
    instant: writeHits(content, 'instant'),
    daily: writeHits(content, 'daily'),
    weekly: writeHits(content, 'weekly'),
    calmed: writeHits(content, 'calmed'),
    webhook: writeWebhookMail({
      name: query,
      url: `${url}/hook`,
      failingSince: TIME,
      answer,
      manageUrl,
    }),
    changes: writeChanges(content),
    quiet: writeQuiet(content),
    notices: writeNoticesMail(listNotices(content)),
  };
  const mails = Object.entries(written).map(([kind, mail]) => {
    const sent = { ...mail, to: 'reader@example.org', dedupeKey: kind };
    return [kind, sent] as const;
  });
  return new Map(mails);
}
