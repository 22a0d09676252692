import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import fs from 'node:fs/promises';
import path from 'node:path';
import { config } from '../config.ts';
import { messageOf } from '../errors.ts';
import { log } from '../log.ts';
import {
  type OpenPicture,
  openFile,
  type PictureFacts,
  readHead,
  writeHead,
} from './picture-file.ts';

// Pictures on disk, by the hash of their address. Several site processes may share the folder:
// files appear whole (rename), and whoever finds it too full removes the oldest.

/** A picture that is looked at stays: its file's time is set anew, but not with each look. */
const TOUCH_MS_MIN = 24 * 3_600_000;
/** After removing, so that the next picture does not remove again. */
const KEPT_SHARE = 0.9;
/** Bytes that this process has written before it counts the folder again. */
const COUNT_SHARE = 0.05;
/** Others write too: a count that is older than this is not told any more. */
const COUNT_MS_MAX = 10 * 60_000;
const NAME = /^[0-9a-f]{64}$/u;
/** Writing one takes less, by far. */
const BEGUN_MS_MAX = 10 * 60_000;

interface KeptFile {
  file: string;
  bytes: number;
  usedAtMs: number;
}

/** What this process knows of the folder. */
interface Room {
  /** Bytes that may be written before it is counted again. */
  leftBytes: number;
  keptBytes: number;
  countedAtMs: number;
  counting: Promise<void> | undefined;
  /** That the disk does not take pictures was said. */
  isTold: boolean;
}

const ROOM = Symbol.for('tagwire.pictures');

/** Bundled routes have a copy of this module each, so it lives on globalThis. */
function room(): Room {
  const home = globalThis as { [ROOM]?: Room };
  home[ROOM] ??= {
    leftBytes: 0,
    keptBytes: 0,
    countedAtMs: 0,
    counting: undefined,
    isTold: false,
  };
  return home[ROOM];
}

const folderOf = () => path.join(config().dataDir, 'pictures');
const limitBytes = () => config().picturesCacheMb * 1024 * 1024;

/** The name of an address in the cache. */
export const pictureKey = (address: string) => createHash('sha256').update(address).digest('hex');

const fileOf = (key: string) => path.join(folderOf(), key.slice(0, 2), key);

/** A disk that is full or read-only costs speed, not pictures; it is said once. */
function tell(error: unknown): void {
  if (room().isTold) return;
  room().isTold = true;
  log.warn('pictures.not_kept', { folder: folderOf(), why: messageOf(error) });
}

const isMissing = (error: unknown) =>
  ['ENOENT', 'ENOTDIR'].includes(String((error as { code?: string }).code));

/**
 * A picture that is kept, open to be read; undefined when there is none. A file that is not whole,
 * or that an earlier version has written, is removed.
 */
export async function openKeptPicture(
  key: string,
  now = Date.now(),
): Promise<OpenPicture | undefined> {
  const name = fileOf(key);
  let file: FileHandle | undefined;
  try {
    file = await fs.open(name);
    const { mtimeMs } = await file.stat();
    const head = await readHead(file);
    if (head === undefined) {
      await file.close();
      await fs.rm(name, { force: true });
      return undefined;
    }
    // Where the disk is read-only, the picture is there all the same.
    if (now - mtimeMs > TOUCH_MS_MIN) {
      await file.utimes(new Date(now), new Date(now)).catch(tell);
    }
    return openFile(file, head.facts, head.begin);
  } catch (error) {
    await file?.close().catch(tell);
    if (!isMissing(error)) tell(error);
    return undefined;
  }
}

/** Keeps a picture, as far as there is room. Never throws. @returns whether it is kept. */
export async function keepPicture(
  key: string,
  bytes: Uint8Array,
  facts: PictureFacts,
): Promise<boolean> {
  const file = fileOf(key);
  const begun = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    const head = writeHead(facts);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(begun, Buffer.concat([head, bytes]), { mode: 0o644 });
    await fs.rename(begun, file);
    room().keptBytes += head.length + bytes.length;
    room().leftBytes -= head.length + bytes.length;
    if (room().leftBytes < 0) await makeRoom();
    return true;
  } catch (error) {
    await fs.rm(begun, { force: true }).catch(tell);
    tell(error);
    return false;
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

/** Counts the folder, and removes what was not looked at for longest when it is too full. */
export function makeRoom(): Promise<void> {
  const known = room();
  known.counting ??= removeOldest(known).finally(() => {
    known.counting = undefined;
  });
  return known.counting;
}

async function removeOldest(known: Room): Promise<void> {
  const kept = await listKept();
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
  if (bytes > limitBytes()) {
    for (const { file, bytes: size } of kept) {
      if (bytes <= limitBytes() * KEPT_SHARE) break;
      await fs.rm(file, { force: true });
      bytes -= size;
    }
  }
  known.keptBytes = bytes;
  known.countedAtMs = Date.now();
  known.leftBytes = Math.max(0, Math.min(limitBytes() - bytes, limitBytes() * COUNT_SHARE));
}

/** Bytes of the pictures that are kept here, as they were counted within ten minutes. */
export async function countKeptBytes(): Promise<number> {
  if (Date.now() - room().countedAtMs > COUNT_MS_MAX) {
    await makeRoom().catch((error) => {
      // Where no picture was kept yet, there is no folder.
      if (!isMissing(error)) tell(error);
    });
  }
  return room().keptBytes;
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
