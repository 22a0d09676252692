import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';

// Pictures on disk, by the hash of their address. Several site processes may share the folder:
// files appear whole (rename), and whoever finds it too full removes the oldest.

/** A picture that is looked at stays: its file's time is set anew, but not with each look. */
const TOUCH_MS_MIN = 24 * 3_600_000;
/** After removing, so that the next picture does not remove again. */
const KEPT_SHARE = 0.9;
/** Bytes that this process has written before it counts the folder again. */
const COUNT_SHARE = 0.05;
const NAME = /^[0-9a-f]{64}$/u;
/** Writing one takes less, by far. */
const BEGUN_MS_MAX = 10 * 60_000;

interface KeptFile {
  file: string;
  bytes: number;
  usedAtMs: number;
}

const folderOf = () => path.join(config().dataDir, 'pictures');
const limitBytes = () => config().picturesCacheMb * 1024 * 1024;

/** The name of an address in the cache. */
export const pictureKey = (address: string) => createHash('sha256').update(address).digest('hex');

const fileOf = (key: string) => path.join(folderOf(), key.slice(0, 2), key);

let isTold = false;

/** A disk that is full or read-only costs speed, not pictures; it is said once. */
function tell(error: unknown): void {
  if (isTold) return;
  isTold = true;
  log.warn('pictures.not_kept', { folder: folderOf(), why: messageOf(error) });
}

/** The bytes of a picture that is kept; undefined when it is not. */
export async function readKeptPicture(key: string, now = Date.now()): Promise<Buffer | undefined> {
  const file = fileOf(key);
  try {
    const bytes = await fs.readFile(file);
    const { mtimeMs } = await fs.stat(file);
    // Where the disk is read-only, the picture is there all the same.
    if (now - mtimeMs > TOUCH_MS_MIN)
      await fs.utimes(file, new Date(now), new Date(now)).catch(tell);
    return bytes;
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(String((error as { code?: string }).code))) tell(error);
    return undefined;
  }
}

/** Bytes that may be written before the folder is counted again. */
let leftBytes = 0;

/** Keeps a picture, as far as there is room. Never throws. */
export async function keepPicture(key: string, bytes: Uint8Array): Promise<void> {
  const file = fileOf(key);
  const begun = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(begun, bytes, { mode: 0o644 });
    await fs.rename(begun, file);
    leftBytes -= bytes.length;
    if (leftBytes < 0) await makeRoom();
  } catch (error) {
    await fs.rm(begun, { force: true }).catch(tell);
    tell(error);
  }
}

async function listKept(): Promise<KeptFile[]> {
  const found: KeptFile[] = [];
  for (const entry of await fs.readdir(folderOf(), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await fs.stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
    const isWhole = NAME.test(entry.name);
    // Somebody is writing it at this moment.
    if (!isWhole && Date.now() - mtimeMs < BEGUN_MS_MAX) continue;
    // What a process that was killed has begun is as old as anything.
    found.push({ file, bytes: size, usedAtMs: isWhole ? mtimeMs : 0 });
  }
  return found.sort((a, b) => a.usedAtMs - b.usedAtMs);
}

let counting: Promise<void> | undefined;

/** Counts the folder, and removes what was not looked at for longest when it is too full. */
export function makeRoom(): Promise<void> {
  counting ??= removeOldest().finally(() => {
    counting = undefined;
  });
  return counting;
}

async function removeOldest(): Promise<void> {
  const kept = await listKept();
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes > limitBytes()) {
    for (const { file, bytes: size } of kept) {
      if (bytes <= limitBytes() * KEPT_SHARE) break;
      await fs.rm(file, { force: true });
      bytes -= size;
    }
  }
  leftBytes = Math.max(0, Math.min(limitBytes() - bytes, limitBytes() * COUNT_SHARE));
}

/** Removes one picture. @returns false when it was not kept. */
export async function dropPicture(address: string): Promise<boolean> {
  try {
    await fs.rm(fileOf(pictureKey(address)));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return false;
    throw error;
  }
}
