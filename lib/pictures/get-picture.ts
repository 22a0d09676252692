import { config } from '../config.ts';
import { fetchGuarded } from '../fetch/client.ts';
import { keepPicture, pictureKey, readKeptPicture } from './picture-cache.ts';
import { type PictureType, pictureType } from './picture-type.ts';

/** A photograph straight from a camera; larger ones are for printing. */
export const PICTURE_BYTES_MAX = 10 * 1024 * 1024;
/** A reader looks at the text meanwhile, but not for longer. */
const FETCH_MS_MAX = 15_000;
/** At once: together they hold so many PICTURE_BYTES_MAX. */
const FETCHES_MAX = 12;
const HOST_FETCHES_MAX = 3;
/** Wait for a turn; beyond, the browser is asked to come again. */
const WAITING_MAX = 200;
/** Not asked for again so soon when it failed: a page with a dead picture has many readers. */
const FAILED_MS = 10 * 60_000;
const FAILED_KEPT_MAX = 5000;

export type PictureOutcome =
  | { kind: 'found'; from: 'disk' | 'web'; bytes: Uint8Array; type: PictureType }
  /** Its server does not give it, or what it gives is no picture. */
  | { kind: 'missing'; why: string; isNew: boolean }
  /** Too many are fetched at this moment. */
  | { kind: 'busy' };

const failed = new Map<string, { atMs: number; why: string }>();
const flying = new Map<string, Promise<PictureOutcome>>();
const busyHosts = new Map<string, number>();
const queue: { host: string; begin: () => void }[] = [];
let fetches = 0;

function remember(address: string, why: string): PictureOutcome {
  // The oldest goes: insertion order is order of time.
  if (failed.size >= FAILED_KEPT_MAX)
    for (const [first] of failed.entries()) {
      failed.delete(first);
      break;
    }
  failed.delete(address);
  failed.set(address, { atMs: Date.now(), why });
  return { kind: 'missing', why, isNew: true };
}

/** Begins whatever has a turn: the first of the queue whose host is not busy. */
function beginNext(): void {
  while (fetches < FETCHES_MAX) {
    const at = queue.findIndex(({ host }) => (busyHosts.get(host) ?? 0) < HOST_FETCHES_MAX);
    const [next] = at < 0 ? [] : queue.splice(at, 1);
    if (next === undefined) return;
    fetches += 1;
    busyHosts.set(next.host, (busyHosts.get(next.host) ?? 0) + 1);
    next.begin();
  }
}

async function inTurn<T>(host: string, work: () => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => {
    queue.push({ host, begin: resolve });
    beginNext();
  });
  try {
    return await work();
  } finally {
    fetches -= 1;
    const left = (busyHosts.get(host) ?? 1) - 1;
    if (left === 0) busyHosts.delete(host);
    else busyHosts.set(host, left);
    beginNext();
  }
}

async function fetchPicture(address: string, key: string): Promise<PictureOutcome> {
  const answer = await fetchGuarded({
    url: address,
    headers: { accept: 'image/avif,image/webp,image/*;q=0.9' },
    bodyBytesMax: PICTURE_BYTES_MAX,
    deadlineMs: FETCH_MS_MAX,
  });
  if (answer.kind === 'failed') return remember(address, answer.message);
  if (answer.status !== 200) return remember(address, `its server answers ${answer.status}`);
  const type = pictureType(answer.body);
  if (type === undefined) return remember(address, 'what its server gives is no picture');
  await keepPicture(key, answer.body);
  return { kind: 'found', from: 'web', bytes: answer.body, type };
}

/**
 * A picture of a post: from our disk, or fetched through the guard and kept. Readers who want the
 * same one at the same time wait for one fetch.
 * @param address as readPicturePath gave it: signed by us.
 */
export async function getPicture(address: string): Promise<PictureOutcome> {
  const key = pictureKey(address);
  const kept = await readKeptPicture(key);
  const type = kept && pictureType(kept);
  if (kept && type) return { kind: 'found', from: 'disk', bytes: kept, type };
  const failure = failed.get(address);
  if (failure && Date.now() - failure.atMs < FAILED_MS) {
    return { kind: 'missing', why: failure.why, isNew: false };
  }
  const underWay = flying.get(key);
  if (underWay) return underWay;
  if (queue.length >= WAITING_MAX) return { kind: 'busy' };
  const flight = inTurn(new URL(address).host, () => fetchPicture(address, key));
  flying.set(key, flight);
  try {
    return await flight;
  } finally {
    flying.delete(key);
  }
}

/** Whether our pages send readers to us for pictures. */
export const isProxying = () => config().pictures === 'proxy';
