import fs from 'node:fs';

// Loaded before anything else by another process of a test (`--import`): its Date tells what the
// clock in this file tells (useStoppedClock). Read each time, so that no message has to arrive
// first; a read of eight bytes that lie in memory takes a microsecond.

const named = new URL(import.meta.url).searchParams.get('clock');
if (named === null) throw new Error('follow-clock.ts is loaded as follow-clock.ts?clock=FILE');
const clock = fs.openSync(named, 'r');
const atMs = new Float64Array(1);
const octets = new Uint8Array(atMs.buffer);

function now(): number {
  fs.readSync(clock, octets, 0, octets.length, 0);
  return atMs[0] ?? Number.NaN;
}

const RealDate = Date;
RealDate.now = now;
globalThis.Date = new Proxy(RealDate, {
  construct: (real, values, by) => Reflect.construct(real, values.length ? values : [now()], by),
  apply: (real) => new real(now()).toString(),
});
