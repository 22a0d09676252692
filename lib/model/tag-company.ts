import type { PairKind, TagPair } from './tag-pairs.ts';

/** What two tags have to do with each other where they are used. */
export interface Company {
  /** Sources that use the smaller tag, the larger one, and both. */
  fromSources: number;
  intoSources: number;
  bothSources: number;
  /** Tags that often stand beside the smaller one, the larger one, and those in common. */
  fromNeighbours: number;
  intoNeighbours: number;
  sharedNeighbours: number;
}

/** A tag with so few posts is a slip more often than a thing of its own. */
const TINY_POSTS_MAX = 3;
/** Of the sources of the one that has fewer, or of the tags beside it. */
const SHARE_MIN = 0.5;
/** One tag in common may be everybody's. */
const NEIGHBOURS_MIN = 2;

/** How much a rule is to be believed. */
const TRUST: Record<PairKind, number> = {
  spelling: 1,
  plural: 0.9,
  abbreviation: 0.8,
  prefix: 0.7,
  mistake: 0.7,
};

const share = (part: number, ...of: number[]) => part / Math.max(1, Math.min(...of));

const plural = (number: number, one: string) => `${number} ${number === 1 ? one : `${one}s`}`;

/**
 * Whether a pair is worth asking about, for the company that both keep or because one is tiny.
 * @returns the reason in words, with the evidence, and a score: surer rules, closer company and
 * more posts make it higher. Undefined when it is not.
 */
export function judgePair(
  pair: TagPair,
  company: Company,
): { reason: string; score: number } | undefined {
  const { fromSources, intoSources, bothSources } = company;
  const { fromNeighbours, intoNeighbours, sharedNeighbours } = company;
  const ofSources = share(bothSources, fromSources, intoSources);
  const isEnough = sharedNeighbours >= NEIGHBOURS_MIN;
  const ofNeighbours = isEnough ? share(sharedNeighbours, fromNeighbours, intoNeighbours) : 0;
  const isSimilar = Math.max(ofSources, ofNeighbours) >= SHARE_MIN;
  const isTiny = pair.from.posts <= TINY_POSTS_MAX;
  if (!isSimilar && (pair.needsCompany || !isTiny)) return undefined;
  const all = fromSources + intoSources - bothSources;
  const evidence = [
    pair.words,
    ...(bothSources > 0
      ? [`${bothSources} of ${plural(all, 'source')} ${bothSources === 1 ? 'uses' : 'use'} both`]
      : []),
    ...(sharedNeighbours > 0
      ? [
          `${plural(sharedNeighbours, 'tag')} of ${Math.max(fromNeighbours, intoNeighbours)} beside them the same`,
        ]
      : []),
    ...(isTiny ? [`the smaller has ${plural(pair.from.posts, 'post')}`] : []),
  ];
  const closeness = (Math.min(1, ofSources) + Math.min(1, ofNeighbours)) / 2;
  const weight = Math.log2(2 + pair.from.posts);
  return {
    reason: evidence.join('; '),
    score: TRUST[pair.kind] * (1 + closeness) * weight,
  };
}
