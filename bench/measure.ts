/** How much there is to do. */
export interface Setting {
  /** Feeds of the polling measures, 15 posts each on average. */
  feeds: number;
  /** Posts behind pages and search. */
  posts: number;
  /** Alerts that are matched. */
  alerts: number;
  /** How often each way has its turn. */
  rounds: number;
}

/** What one turn cost, in the comparison's unit. */
export interface Cost {
  time: number;
  /** Of all processes that worked for it; undefined where the system does not tell. */
  cpu?: number | undefined;
}

export interface Way {
  /** What it does, for the report: "fetch, parse, one insert a feed". */
  name: string;
  run: () => Promise<Cost>;
}

export interface Ways {
  ours: Way;
  /** The least that can be done for the same result. */
  floor: Way;
  /** Other ways, shown beside. */
  beside?: Way[];
}

/** Ours through floor: median of the rounds, and the middle half of them. */
export interface Ratio {
  median: number;
  low: number;
  high: number;
}

export interface WayResult {
  name: string;
  time: number;
  cpu?: number | undefined;
  rounds: Cost[];
}

export interface Comparison {
  name: string;
  /** What was done: sizes in words. */
  work: string;
  /** Of time and CPU: "ms a feed". Less is better, always. */
  unit: string;
  ours: WayResult;
  floor: WayResult;
  beside: WayResult[];
  ratio: Ratio;
  cpuRatio?: Ratio | undefined;
  notes: string[];
}

/** Says how far a measure is, for a person who waits. */
export type Say = (text: string) => void;

export interface Measure {
  name: string;
  /** What it measures, in one line. */
  about: string;
  run(setting: Setting, say: Say): Promise<Comparison[]>;
}

/** The value below which this share of the numbers lies. */
export function quantile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The middle of the numbers. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/**
 * Runs the ways in turns and compares them round by round, so that a busy moment of the machine
 * hits them alike. The order is turned around each time: what one leaves behind (dirty pages,
 * garbage) would always burden the same other. A first round only warms up.
 */
export async function takeTurns(
  ways: Ways,
  rounds: number,
  say: Say,
): Promise<Pick<Comparison, 'ours' | 'floor' | 'beside' | 'ratio' | 'cpuRatio'>> {
  const all = [ways.floor, ways.ours, ...(ways.beside ?? [])];
  const costs = new Map<Way, Cost[]>(all.map((way) => [way, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const way of round % 2 ? all : all.toReversed()) {
      const cost = await way.run();
      if (round > 0) costs.get(way)?.push(cost);
    }
    if (round === 0) say('warmed up');
    else say(`round ${round} of ${rounds}: ${describeRound(ways, costs)}`);
  }
  const resultOf = (way: Way) => summarise(way.name, costs.get(way) ?? []);
  const [ours, floor] = [resultOf(ways.ours), resultOf(ways.floor)];
  return {
    ours,
    floor,
    beside: (ways.beside ?? []).map(resultOf),
    ratio: ratioOf(ours.rounds, floor.rounds, (cost) => cost.time) as Ratio,
    cpuRatio: ratioOf(ours.rounds, floor.rounds, (cost) => cost.cpu),
  };
}

function describeRound(ways: Ways, costs: Map<Way, Cost[]>): string {
  const [ours, floor] = [costs.get(ways.ours)?.at(-1), costs.get(ways.floor)?.at(-1)];
  if (ours === undefined || floor === undefined) return '';
  const times = `${short(ours.time)} to ${short(floor.time)}`;
  return `ours to floor ${times}, ratio ${short(ours.time / floor.time)}`;
}

/** A number with about three digits that mean something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
}

/** What the rounds of one way come to. */
export function summarise(name: string, rounds: Cost[]): WayResult {
  const cpus = rounds.flatMap((cost) => (cost.cpu === undefined ? [] : [cost.cpu]));
  const time = median(rounds.map((cost) => cost.time));
  return { name, time, cpu: cpus.length > 0 ? median(cpus) : undefined, rounds };
}

/** The ratios of rounds that were side by side; undefined where something was not measured. */
export function ratioOf(
  ours: Cost[],
  floor: Cost[],
  read: (cost: Cost) => number | undefined,
): Ratio | undefined {
  const ratios = ours.flatMap((cost, round) => {
    const [one, other] = [read(cost), floor[round] && read(floor[round])];
    return one === undefined || !other ? [] : [one / other];
  });
  if (ratios.length === 0) return undefined;
  return {
    median: median(ratios),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  };
}
