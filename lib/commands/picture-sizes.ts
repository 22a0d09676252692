import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import type { PictureSize } from '../model/picture.ts';
import { savePictureSizes } from '../store/picture-sizes.ts';

/** A page's pictures come one after the other: it is made anew once for all of them. */
const GATHER_MS = 1000;
/** Told by this process already; 100 bytes each. */
const TOLD_MAX = 50_000;
/** Sizes that no post shows are forgotten each night; a picture that comes back is told again. */
const TOLD_MS_MAX = 24 * 3_600_000;

const told = new Map<string, string>();
let toldSince = Date.now();
const gathered = new Map<string, PictureSize | null>();

const textOf = (size: PictureSize | null) => (size === null ? '' : `${size.width}x${size.height}`);

async function save(): Promise<void> {
  const sizes = new Map(gathered);
  gathered.clear();
  try {
    await savePictureSizes(sizes);
  } catch (error) {
    // Whoever looks at them next tells it again.
    for (const key of sizes.keys()) told.delete(key);
    log.warn('pictures.sizes_not_saved', { pictures: sizes.size, why: messageOf(error) });
  }
}

/**
 * Tells how large a picture is that a reader has asked for, so that pages leave room for it. Costs
 * its reader nothing: it is written within a second, with what others have asked for meanwhile.
 * @param key the hash of its address, in hexadecimal digits.
 * @param size null for a picture that cannot be had or is of any size.
 */
export function notePictureSize(key: string, size: PictureSize | null): void {
  const text = textOf(size);
  if (told.size >= TOLD_MAX || Date.now() - toldSince > TOLD_MS_MAX) {
    told.clear();
    toldSince = Date.now();
  }
  if (told.get(key) === text) return;
  told.set(key, text);
  if (gathered.size === 0) setTimeout(() => void save(), GATHER_MS).unref();
  gathered.set(key, size);
}
