import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { log } from '../log.ts';
import type { ParseOutcome, Unreadable } from '../model/feed.ts';
import type { ReadOutcome } from '../model/post.ts';
import { READ_FEED_MS_MAX } from './limits.ts';
import type { ThreadAnswer, ThreadRequest } from './parse-thread.ts';

/** More threads than processors only wait for each other; four keep up with any network. */
const THREADS_MAX = Math.max(1, Math.min(4, os.availableParallelism() - 1));
/** A thread's heap in MB: 8 MB of text, its tree and its drafts, with room. */
const THREAD_HEAP_MB_MAX = 400;

interface Job {
  request: ThreadRequest;
  timeLimitMs: number;
  finish: (answer: ThreadAnswer<unknown> | Unreadable) => void;
}

/** Threads that have loaded their modules: only then does a feed's time begin to run. */
const ready = new WeakMap<Worker, Promise<void>>();
const idle: Worker[] = [];
const busy = new Map<Worker, (answer: ThreadAnswer<unknown> | Unreadable) => void>();
const waiting: Job[] = [];

function startThread(): Worker {
  const thread = new Worker(new URL('./parse-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB_MAX },
  });
  // A process may end while threads are at rest.
  thread.unref();
  ready.set(
    thread,
    new Promise((resolve) => {
      thread.once('message', () => {
        resolve();
        thread.on('message', (answer: ThreadAnswer<unknown>) => finish(thread, answer));
      });
    }),
  );
  thread.on('error', (error: NodeJS.ErrnoException) => {
    log.warn('ingest.thread_failed', { error });
    const isTooLarge = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    discard(thread, {
      kind: 'unreadable',
      reason: isTooLarge ? 'too-large' : 'malformed',
      message: isTooLarge
        ? `The feed needs more than ${THREAD_HEAP_MB_MAX} MB of memory to be read.`
        : `The feed cannot be read: ${error.message}`,
    });
  });
  return thread;
}

function finish(thread: Worker, answer: ThreadAnswer<unknown> | Unreadable): void {
  const done = busy.get(thread);
  if (done === undefined) return;
  busy.delete(thread);
  thread.unref();
  idle.push(thread);
  done(answer);
  startNext();
}

/** Ends a thread that hangs or has failed; the next job gets a new one. */
function discard(thread: Worker, answer: Unreadable): void {
  const done = busy.get(thread);
  busy.delete(thread);
  const at = idle.indexOf(thread);
  if (at !== -1) idle.splice(at, 1);
  void thread.terminate();
  done?.(answer);
  startNext();
}

function startNext(): void {
  while (waiting.length > 0 && busy.size < THREADS_MAX) {
    const job = waiting.shift();
    if (job === undefined) return;
    const thread = idle.pop() ?? startThread();
    let timer: NodeJS.Timeout | undefined;
    busy.set(thread, (answer) => {
      clearTimeout(timer);
      job.finish(answer);
    });
    const done = busy.get(thread);
    void ready.get(thread)?.then(() => {
      if (busy.get(thread) !== done) return;
      timer = setTimeout(() => {
        discard(thread, {
          kind: 'unreadable',
          reason: 'timeout',
          message: `The feed could not be read within ${job.timeLimitMs / 1000} s.`,
        });
      }, job.timeLimitMs);
      thread.postMessage(job.request);
    });
    thread.ref();
  }
}

/** Has a thread do what is asked, within its limits of time and memory. */
export async function askThread<T>(
  request: ThreadRequest,
  timeLimitMs = READ_FEED_MS_MAX,
): Promise<T | Unreadable> {
  const answer = await new Promise<ThreadAnswer<unknown> | Unreadable>((resolve) => {
    waiting.push({ request, timeLimitMs, finish: resolve });
    startNext();
  });
  if ('kind' in answer) return answer;
  if ('failure' in answer) {
    return {
      kind: 'unreadable',
      reason: 'malformed',
      message: `The feed cannot be read: ${answer.failure}`,
    };
  }
  return answer.outcome as T;
}

export interface ReadOptions {
  /** Where the feed came from. */
  url: string;
  /** Content-Type as sent. */
  contentType?: string | undefined;
  /** Tags that every post gets (folders of the OPML that brought the feed). */
  feedTags?: readonly string[] | undefined;
  /** The feed's language where it does not tell itself. */
  language?: string | null | undefined;
  /** The feed has given several items one guid before. */
  dividesGuids?: boolean | undefined;
  now: Date;
  /** Shorter than READ_FEED_MS_MAX in tests. */
  timeLimitMs?: number;
}

/**
 * Bytes of a feed to drafts: decode, repair, parse, normalise, sanitise, all in a worker thread
 * that is ended and replaced when it takes longer than READ_FEED_MS_MAX.
 */
export function readFeed(bytes: Uint8Array, options: ReadOptions): Promise<ReadOutcome> {
  const { timeLimitMs, ...rest } = options;
  return askThread<ReadOutcome>({ task: 'read', bytes, options: rest }, timeLimitMs);
}

/** Bytes of a feed to its items, with bodies as they would be stored; same thread and limits. */
export function parseFeed(
  bytes: Uint8Array,
  source: { url?: string | undefined; contentType?: string | undefined },
): Promise<ParseOutcome> {
  return askThread<ParseOutcome>({ task: 'parse', bytes, options: source });
}

/** Ends all threads; for shutdown and after tests. Reading again starts new ones. */
export async function closeReadThreads(): Promise<void> {
  const threads = [...idle, ...busy.keys()];
  idle.length = 0;
  for (const [thread] of busy) {
    discard(thread, { kind: 'unreadable', reason: 'timeout', message: 'Shutting down.' });
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
}
