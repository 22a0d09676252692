// The numbers of the advisory locks of this database, all in one place so that no two are one.
// Postgres keeps locks of one number and of a pair of numbers apart.

/** Held by the only one of its kind. */
export const ONLY_ONE = {
  indexer: 7_461_001,
  pinger: 7_461_002,
  noticesMail: 7_461_003,
  quietMails: 7_461_004,
  changesMails: 7_461_006,
  mailbox: 7_461_005,
} as const;

/** The first of a pair; the second says which of its kind, or 0. */
export const PAIRED = {
  /** Stories by their addresses and texts, in buckets. */
  stories: 7_461,
  /** Slugs of sources, while one is chosen. */
  slugs: 7_462,
  /** Feeds by id, while their posts are saved. */
  feeds: 7_463,
  /** The rules of tags, while they are changed. */
  governance: 7_464,
} as const;
