import fs from 'node:fs';

/** Clock ticks a second in /proc (proc(5)): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const MICROSECONDS_PER_SECOND = 1_000_000;

interface Stat {
  parent: number;
  seconds: number;
}

/** Seconds of a process and of its children that have ended, by /proc/PID/stat (proc(5)). */
function readStat(pid: string): Stat | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // From the third field on: the name in brackets may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** CPU seconds so far of a process with all its descendants. */
function secondsOfTree(root: number): number {
  const stats = new Map<number, Stat>();
  for (const name of fs.readdirSync('/proc')) {
    const stat = /^\d+$/u.test(name) ? readStat(name) : undefined;
    if (stat) stats.set(Number(name), stat);
  }
  const isOfTree = (pid: number): boolean =>
    pid === root || (stats.has(pid) && isOfTree(stats.get(pid)?.parent ?? 0));
  let seconds = 0;
  for (const [pid, stat] of stats) if (isOfTree(pid)) seconds += stat.seconds;
  return seconds;
}

/**
 * Starts to count CPU time.
 * @param pids roots of process trees that work for us.
 * @param options.own whether this process, with its threads, counts too.
 * @returns what gives the CPU seconds since; undefined where there is no /proc.
 */
export function startCpuClock(pids: number[], options: { own: boolean }): () => number | undefined {
  if (!fs.existsSync('/proc/self/stat')) return () => undefined;
  const read = () => {
    const { user, system } = process.cpuUsage();
    const own = options.own ? (user + system) / MICROSECONDS_PER_SECOND : 0;
    return pids.reduce((sum, pid) => sum + secondsOfTree(pid), own);
  };
  const before = read();
  return () => read() - before;
}
