import { config } from '../config.ts';
import { fetchGuarded } from '../fetch/client.ts';
import type { PictureRefusal } from '../model/picture.ts';
import { keepPicture, openKeptPicture, pictureKey } from './picture-cache.ts';
import {
  describePicture,
  type OpenPicture,
  openBytes,
  PIXELS_MAX,
  type PictureFacts,
} from './picture-file.ts';

/** A photograph straight from a camera; larger ones are for printing. */
export const PICTURE_BYTES_MAX = 10 * 1024 * 1024;
/** A reader looks at the text meanwhile, but not for longer. */
export const PICTURE_FETCH_MS_MAX = 15_000;
/** At once: together they hold so many PICTURE_BYTES_MAX. */
const FETCHES_MAX = 12;
const HOST_FETCHES_MAX = 3;
/** Wait for a turn; beyond, the browser is asked to come again. */
const WAITING_MAX = 200;
/** Not asked for again so soon when it failed: a page with a dead picture has many readers. */
const FAILED_MS = 10 * 60_000;
const FAILED_KEPT_MAX = 5000;

/** Its server does not give it, or what it gives is not to be shown. */
interface Missing {
  kind: 'missing';
  reason: PictureRefusal;
  /** For the operator: it may name addresses of our own network. */
  why: string;
}

type Fetched = { kind: 'fetched'; bytes: Uint8Array; facts: PictureFacts } | Missing;

export type PictureOutcome =
  | { kind: 'found'; from: 'disk' | 'web'; picture: OpenPicture }
  /** `isNew`: it was asked for just now, and this is the first to hear of it. */
  | (Missing & { isNew: boolean })
  /** Too many are fetched at this moment. */
  | { kind: 'busy' };

const failed = new Map<string, { atMs: number; missing: Missing }>();
const flying = new Map<string, Promise<Fetched>>();
const busyHosts = new Map<string, number>();
const queue: { host: string; begin: () => void }[] = [];
let fetches = 0;

function remember(address: string, reason: PictureRefusal, why: string): Missing {
  // The oldest goes: insertion order is order of time.
  if (failed.size >= FAILED_KEPT_MAX)
    for (const [first] of failed.entries()) {
      failed.delete(first);
      break;
    }
  const missing: Missing = { kind: 'missing', reason, why };
  failed.delete(address);
  failed.set(address, { atMs: Date.now(), missing });
  return missing;
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

const REFUSED: Partial<Record<PictureRefusal, string>> = {
  'not-a-picture': 'what its server gives is no picture',
  'too-many-pixels': `it has more than ${PIXELS_MAX / 1_000_000} million pixels`,
};

async function fetchPicture(address: string, key: string, fetchMs: number): Promise<Fetched> {
  const answer = await fetchGuarded({
    url: address,
    headers: { accept: 'image/avif,image/webp,image/*;q=0.9' },
    bodyBytesMax: PICTURE_BYTES_MAX,
    deadlineMs: fetchMs,
  });
  if (answer.kind === 'failed') return remember(address, answer.error, answer.message);
  if (answer.status !== 200) {
    return remember(address, 'http', `its server answers ${answer.status}`);
  }
  const facts = describePicture(answer.body);
  if (typeof facts === 'string') return remember(address, facts, REFUSED[facts] ?? facts);
  await keepPicture(key, answer.body, facts);
  return { kind: 'fetched', bytes: answer.body, facts };
}

function begin(address: string, key: string, fetchMs: number): Promise<Fetched> {
  const work = () => fetchPicture(address, key, fetchMs);
  const flight = inTurn(new URL(address).host, work).finally(() => flying.delete(key));
  flying.set(key, flight);
  return flight;
}

/**
 * A picture of a post: from our disk, or fetched through the guard and kept. Readers who want the
 * same one at the same time wait for one fetch. A picture that is found must be read or closed.
 * @param address as readPicturePath gave it: signed by us.
 * @param fetchMs how long its server may take, from the first look-up to the last byte.
 */
export async function getPicture(
  address: string,
  fetchMs = PICTURE_FETCH_MS_MAX,
): Promise<PictureOutcome> {
  const key = pictureKey(address);
  const kept = await openKeptPicture(key);
  if (kept) return { kind: 'found', from: 'disk', picture: kept };
  const failure = failed.get(address);
  if (failure && Date.now() - failure.atMs < FAILED_MS) {
    return { ...failure.missing, isNew: false };
  }
  const underWay = flying.get(key);
  if (!underWay && queue.length >= WAITING_MAX) return { kind: 'busy' };
  const fetched = await (underWay ?? begin(address, key, fetchMs));
  if (fetched.kind === 'missing') return { ...fetched, isNew: underWay === undefined };
  // From the disk as well: a slow reader is not to hold the whole of it in memory.
  const picture = (await openKeptPicture(key)) ?? openBytes(fetched.bytes, fetched.facts);
  return { kind: 'found', from: 'web', picture };
}

/** Whether our pages send readers to us for pictures. */
export const isProxying = () => config().pictures === 'proxy';
