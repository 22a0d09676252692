import { parentPort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { parseForShow, readBytes } from './read-bytes.ts';

// The worker thread's side of read-feed.ts: one request at a time, one answer each.

export type ThreadRequest =
  | { task: 'read'; bytes: Uint8Array; options: Parameters<typeof readBytes>[1] }
  | { task: 'parse'; bytes: Uint8Array; options: Parameters<typeof parseForShow>[1] };

export type ThreadAnswer<T> = { outcome: T } | { failure: string };

async function answer(request: ThreadRequest) {
  return request.task === 'read'
    ? readBytes(request.bytes, request.options)
    : parseForShow(request.bytes, request.options);
}

parentPort?.on('message', async (request: ThreadRequest) => {
  try {
    parentPort?.postMessage({ outcome: await answer(request) });
  } catch (error) {
    parentPort?.postMessage({ failure: messageOf(error) });
  }
});

// Our modules are loaded: the first message, before any request, says so.
parentPort?.postMessage('ready');
