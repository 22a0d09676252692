// What the operator is told, once each, and in which words.

/** After so many days without a good poll the operator is told of a feed. */
export const FAILING_DAYS_TOLD = 60;
/** After so long the operator is told of a mailbox: mail servers are away for an hour or a night. */
export const MAILBOX_FAILING_HOURS_TOLD = 24;

/** What was so when a notice was written; times ISO 8601 in UTC. */
export interface NoticeData {
  failing: { title: string; url: string; since: string; error: string };
  gone: { title: string; url: string; since: string };
  /** `isTaken`: another feed has the new address already, so this one keeps its old one. */
  moved: { title: string; from: string; to: string; isTaken: boolean };
  /** Its publisher has taken it out, by a line in the feed. */
  removed: { title: string; url: string };
  /** Posts that its publisher wanted later are due, and cannot be saved. */
  unreleased: { title: string; url: string; since: string; error: string };
  /** An archive came at once; `flood` is its number. */
  flood: { title: string; url: string; flood: number; posts: number };
  /** Bounces and complaints are not read; `name`: MailboxAddress.name. */
  mailbox: { name: string; since: string; error: string };
  /** By machine: when one of its workers last saw it; null when hosts answer it again. */
  network: { hosts: number; machines: Record<string, string | null> };
}

export type NoticeKind = keyof NoticeData;

interface NoticeOf<K extends NoticeKind> {
  id: number;
  kind: K;
  data: NoticeData[K];
  createdAt: string;
  /** Nothing is left to be done about it. */
  endedAt: string | null;
  mailedAt: string | null;
}

export type Notice = { [K in NoticeKind]: NoticeOf<K> }[NoticeKind];

/** A notice as the operator reads it. */
export interface NoticeText {
  /** Two words. */
  heading: string;
  /** What happened and why. */
  what: string;
  /** What to do, and the commands that do it; nothing when there is nothing to be done. */
  next?: string;
  commands: string[];
}

/** A word for the shell, whatever is in it: publishers choose where they move to. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const resume = (url: string) => `bin/tagwire feeds resume ${quoted(url)}`;
const remove = (url: string) => `bin/tagwire feeds remove ${quoted(url)}`;

/**
 * The words of a notice.
 * @param writeDay how to write a day, in the reader's time zone.
 */
export function writeNotice(notice: Notice, writeDay: (iso: string) => string): NoticeText {
  switch (notice.kind) {
    case 'failing': {
      const { title, url, since, error } = notice.data;
      return {
        heading: 'Feed failing',
        what: `${title} (${url}) has not been read since ${writeDay(since)}: ${error}.`,
        next: 'It goes on being asked, once a week. If it has a new address, add that one. To take it away with its posts:',
        commands: [remove(url)],
      };
    }
    case 'gone': {
      const { title, url } = notice.data;
      return {
        heading: 'Feed gone',
        what: `${title} (${url}) has answered 410 (Gone) for a day. It is not asked any more; its posts stay.`,
        next: 'To ask again, or to take its posts away as well:',
        commands: [resume(url), remove(url)],
      };
    }
    case 'moved': {
      const { title, from, to, isTaken } = notice.data;
      const heading = 'Feed moved';
      const moved = `${title} has moved for good from ${from} to ${to}`;
      if (!isTaken) return { heading, what: `${moved}, and is read there now.`, commands: [] };
      return {
        heading,
        what: `${moved}, which is here already as a source of its own. Both are read.`,
        next: 'To keep only the other one:',
        commands: [remove(from)],
      };
    }
    case 'removed': {
      const { title, url } = notice.data;
      return {
        heading: 'Feed taken out',
        what: `The publisher of ${title} (${url}) wants it left out, says a line in the feed that only its owner can write. Its posts are gone, and it is not asked any more.`,
        commands: [],
      };
    }
    case 'unreleased': {
      const { title, url, since, error } = notice.data;
      return {
        heading: 'Posts held',
        what: `Posts of ${title} (${url}) that its publisher wanted shown later have been due since ${writeDay(since)}, and cannot be saved: ${error}.`,
        next: 'It is tried again every minute, and other feeds go on. If it stays, report the error.',
        commands: [],
      };
    }
    case 'flood': {
      const { title, url, flood, posts } = notice.data;
      return {
        heading: 'Archive arrived',
        what: `${title} (${url}) brought ${posts} old posts at once. They are in their places, but not among the newest, and alert nobody.`,
        next: 'They may stay as they are. To make ordinary posts of them, or to withdraw them:',
        commands: [
          `bin/tagwire quarantine release ${flood}`,
          `bin/tagwire quarantine drop ${flood}`,
        ],
      };
    }
    case 'mailbox': {
      const { name, since, error } = notice.data;
      return {
        heading: 'Mailbox unread',
        what: `The mailbox of bounces and complaints, ${name}, has not been read since ${writeDay(since)}: ${error} Meanwhile mails go on to addresses that are no more.`,
        next: 'It is tried again, at least once an hour. To try it now, and be told what to do:',
        commands: ['bin/tagwire suppressions mailbox'],
      };
    }
    case 'network': {
      const { hosts, machines } = notice.data;
      const heading = 'Network down';
      const names = Object.keys(machines).sort().join(', ');
      const what = `${hosts} different hosts in a row could not be reached from ${names}, so that the fault is on our side. No feed is blamed for it.`;
      return notice.endedAt === null
        ? {
            heading,
            what: `${what} All are asked again within ten minutes at first, then within the hour.`,
            next: 'Look at DNS and routes of that machine.',
            commands: [],
          }
        : { heading, what: `${what} It is over: hosts answer again.`, commands: [] };
    }
  }
}
