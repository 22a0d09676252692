import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, TagwireError } from '../errors.ts';
import { isAlive, startTimeOf } from './process.ts';

/** Who holds a data folder, as `run.json` in it says (0600: the addresses hold passwords). */
const RUN = z.object({
  /** Says which writing of the file this is. */
  id: z.string(),
  pid: z.number().int().positive(),
  /** Tells the process from a later one with the same id; empty where that cannot be known. */
  startTime: z.string(),
  /** `up`, `up --demo`, or a command that needs servers for its own duration. */
  what: z.string(),
  startedAt: z.string(),
  /** Set once everything runs: the addresses as settings for other commands. */
  settings: z.record(z.string(), z.string()).optional(),
  /** Process ids of the parts, by name. */
  pids: z.record(z.string(), z.number()).optional(),
});

export type Run = z.infer<typeof RUN>;

export interface Claim {
  /** Adds what became known to the file. */
  update(fields: Pick<Run, 'settings' | 'pids'>): void;
  /** Gives the folder free. */
  release(): void;
}

export type ClaimOutcome = { kind: 'claimed'; claim: Claim } | { kind: 'held'; by: Run };

const ATTEMPTS_MAX = 10;

const fileIn = (dataDir: string) => path.join(dataDir, 'run.json');

function readFile(file: string): Run | undefined {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return RUN.parse(JSON.parse(text));
  } catch {
    return undefined; // half written by a machine that lost power
  }
}

const isHeld = (run: Run) =>
  isAlive(run.pid) && (run.startTime === '' || run.startTime === startTimeOf(run.pid));

/** The run that holds this data folder now, if any does. */
export function readRun(dataDir: string): Run | undefined {
  const run = readFile(fileIn(dataDir));
  return run !== undefined && isHeld(run) ? run : undefined;
}

/** @throws TagwireError when this user cannot write in the folder. */
function requireWritable(dataDir: string): void {
  try {
    fs.mkdirSync(dataDir, { recursive: true });
    fs.accessSync(dataDir, fs.constants.W_OK);
  } catch (error) {
    throw new TagwireError(
      `The data folder ${dataDir} cannot be written: ${messageOf(error)}.`,
      'Give it to this user, or name another one in TAGWIRE_DATA.',
    );
  }
}

/**
 * Takes a folder for this process, unless a living process holds it. A file that a killed
 * run left is taken over.
 */
export function claimFolder(dataDir: string, what: string): ClaimOutcome {
  requireWritable(dataDir);
  const file = fileIn(dataDir);
  const run: Run = {
    id: randomUUID(),
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    what,
    startedAt: new Date().toISOString(),
  };
  const draft = `${file}.${run.id}`;
  const write = () => fs.writeFileSync(draft, JSON.stringify(run, null, 2), { mode: 0o600 });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    write();
    try {
      // A link is made whole and by one process only, where a file could be seen half written.
      fs.linkSync(draft, file);
      fs.rmSync(draft);
      return { kind: 'claimed', claim: claimOf(file, run) };
    } catch (error) {
      fs.rmSync(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readFile(file);
    if (holder !== undefined && isHeld(holder)) return { kind: 'held', by: holder };
    removeStale(file, holder);
  }
  throw new Error(`${file} changes hands all the time`);
}

/** Removes what a dead process left, and nothing that was written after we looked. */
function removeStale(file: string, seen: Run | undefined): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // somebody else was faster
  }
  const moved = readFile(aside);
  if (moved !== undefined && moved.id !== seen?.id) {
    // It was taken over between our look and our move: give it back.
    try {
      fs.linkSync(aside, file);
    } catch {
      // Taken once more: that claim stands, and the one that we hold in hand has lost.
    }
  }
  fs.rmSync(aside, { force: true });
}

function claimOf(file: string, run: Run): Claim {
  return {
    update(fields) {
      Object.assign(run, fields);
      const draft = `${file}.${run.id}`;
      fs.writeFileSync(draft, JSON.stringify(run, null, 2), { mode: 0o600 });
      fs.renameSync(draft, file);
    },
    release() {
      if (readFile(file)?.id === run.id) fs.rmSync(file, { force: true });
    },
  };
}
