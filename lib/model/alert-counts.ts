/** How far back a chart of counts goes, and its step: seconds, whole minutes, as many as fit. */
export const COUNT_SPANS = {
  '1h': { name: '1 hour', seconds: 3600, stepSeconds: 60 },
  '3h': { name: '3 hours', seconds: 10_800, stepSeconds: 300 },
  '12h': { name: '12 hours', seconds: 43_200, stepSeconds: 900 },
  '1d': { name: '1 day', seconds: 86_400, stepSeconds: 1800 },
  '3d': { name: '3 days', seconds: 259_200, stepSeconds: 7200 },
  '1w': { name: '1 week', seconds: 604_800, stepSeconds: 14_400 },
} as const;
export type CountSpan = keyof typeof COUNT_SPANS;
export const COUNT_SPAN_DEFAULT: CountSpan = '1d';

/** The span after "in the last": `hour`, `3 hours`. */
export const nameLast = (span: CountSpan): string => COUNT_SPANS[span].name.replace(/^1 /u, '');

/** Longer than any chart goes back; what is older is kept as sums alone. */
export const COUNT_DAYS_MAX = 8;

/** A span by its name in an address; undefined when there is none of that name. */
export const readCountSpan = (name: string): CountSpan | undefined =>
  Object.hasOwn(COUNT_SPANS, name) ? (name as CountSpan) : undefined;

/**
 * What became of posts and alerts: of one alert, or of all of them together. Of one, each post that
 * was compared with it is published once; of all, `published` are posts, and what was matched or
 * filtered out are pairs of a post and an alert.
 */
export interface AlertCounts {
  /** Posts that were compared with the alerts in force. */
  published: number;
  matched: number;
  /** Not met: words, or values that the policy asks for. */
  filteredByQuery: number;
  /** Not met, whatever the words: the post has nothing of an attribute that the policy needs. */
  filteredByMissing: number;
  /** The like: the attribute is of another type, or the policy cannot be read. */
  filteredByInvalid: number;
  /** Mails that the mail server took. */
  mailDelivered: number;
  /** Mails given up, or sent back after they had been taken. */
  mailFailed: number;
  /** Posts that the webhook took. */
  webhookDelivered: number;
  /** Posts that were given up after all tries. */
  webhookFailed: number;
}

export const NO_COUNTS: Readonly<AlertCounts> = {
  published: 0,
  matched: 0,
  filteredByQuery: 0,
  filteredByMissing: 0,
  filteredByInvalid: 0,
  mailDelivered: 0,
  mailFailed: 0,
  webhookDelivered: 0,
  webhookFailed: 0,
};

/** Counts in steps, oldest first; the last one is still going on. */
export interface CountSeries {
  span: CountSpan;
  stepSeconds: number;
  /** `at`: where the step begins, ISO 8601 in UTC. */
  steps: (AlertCounts & { at: string })[];
  total: AlertCounts;
}

/** The step of a span that each of its times falls into; milliseconds since 1970. */
export function stepsOf(span: CountSpan, now: Date): number[] {
  const { seconds, stepSeconds } = COUNT_SPANS[span];
  const stepMs = stepSeconds * 1000;
  const last = Math.floor(now.getTime() / stepMs) * stepMs;
  const steps = seconds / stepSeconds;
  return Array.from({ length: steps }, (_, i) => last - (steps - 1 - i) * stepMs);
}
