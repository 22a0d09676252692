import { parentPort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { ExtractOptions } from './extract-page.ts';
import { parseForShow, readBytes } from './read-bytes.ts';

// The worker thread's side of read-feed.ts and read-page.ts: one request at a time, one answer
// each.

export type ThreadRequest =
  | { task: 'read'; bytes: Uint8Array; options: Parameters<typeof readBytes>[1] }
  | { task: 'parse'; bytes: Uint8Array; options: Parameters<typeof parseForShow>[1] }
  | { task: 'page'; bytes: Uint8Array; options: ExtractOptions };

export type ThreadAnswer<T> = { outcome: T } | { failure: string };

async function answer(request: ThreadRequest) {
  switch (request.task) {
    case 'read':
      return readBytes(request.bytes, request.options);
    case 'parse':
      return parseForShow(request.bytes, request.options);
    case 'page': {
      // Trees of pages are few feeds' wish, and their modules take a tenth of a second.
      const { extractPage } = await import('./extract-page.ts');
      return extractPage(request.bytes, request.options);
    }
  }
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
