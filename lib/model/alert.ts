export type Cadence = 'instant' | 'daily' | 'weekly' | 'feed';
export const CADENCES: readonly Cadence[] = ['instant', 'daily', 'weekly', 'feed'];

/** A post that met an alert, with the sentence that says why. */
export interface Hit {
  postId: number;
  title: string;
  url: string;
  sourceTitle: string;
  byline: string;
  /** ISO 8601, UTC. */
  sortAt: string;
  /** The sentence around the first match, plain text. */
  sentence: string;
  /** The parts of `sentence` that matched, as [start, end) in UTF-16 units. */
  marks: [number, number][];
}
