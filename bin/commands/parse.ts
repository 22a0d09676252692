import fs from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Command } from 'commander';
import { messageOf, TagwireError } from '../../lib/errors.ts';
import { FEED_BYTES_MAX } from '../../lib/ingest/limits.ts';
import { closeReadThreads, parseFeed, readFeed } from '../../lib/ingest/read-feed.ts';
import { showFeed } from '../../lib/ingest/show-feed.ts';
import { plural, whyUnread } from '../terminal-text.ts';

/**
 * Stands for the address of a feed that nobody told us (RFC 6761: `.invalid` is never anybody's):
 * its relative links keep their form, and can be told from real ones.
 */
const UNKNOWN_URL = 'http://unknown.invalid/';

interface Request {
  id: unknown;
  file: string;
  contentType?: string;
  url?: string;
  contentEncoding?: string;
}

async function readBytesOf({ file, contentEncoding }: Request): Promise<Uint8Array> {
  const { size } = await fs.stat(file);
  if (size > FEED_BYTES_MAX) {
    throw new TagwireError(
      `It is over ${FEED_BYTES_MAX / 1024 / 1024} MB, the most that is read of a feed.`,
    );
  }
  const bytes = await fs.readFile(file);
  if (contentEncoding === undefined) return bytes;
  if (contentEncoding !== 'gzip') {
    throw new TagwireError(`contentEncoding is "${contentEncoding}"; only gzip is known here.`);
  }
  return promisify(gunzip)(bytes, { maxOutputLength: FEED_BYTES_MAX });
}

async function parseOne(request: Request) {
  const outcome = await parseFeed(await readBytesOf(request), {
    url: request.url ?? UNKNOWN_URL,
    contentType: request.contentType,
  });
  if (outcome.kind === 'unreadable') throw new TagwireError(outcome.message);
  return showFeed(outcome.feed);
}

async function answerLine(line: string): Promise<object> {
  let id: unknown = null;
  try {
    const request = JSON.parse(line) as Request;
    id = request.id ?? null;
    if (typeof request.file !== 'string') throw new TagwireError('"file" is missing.');
    return { id, ok: true, ...(await parseOne(request)) };
  } catch (error) {
    return { id, ok: false, error: messageOf(error) };
  }
}

async function answerLines(): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    process.stdout.write(`${JSON.stringify(await answerLine(line))}\n`);
  }
}

/** Says which items a poll would not store. */
async function tellOfDropped(request: Request): Promise<void> {
  const url = request.url ?? UNKNOWN_URL;
  const read = await readFeed(await readBytesOf(request), { url, now: new Date() });
  if (read.kind === 'unreadable' || read.dropped === 0) return;
  process.stderr.write(
    `${request.file}: ${plural(read.dropped, 'item')} would not be stored: doubles of others, ` +
      'or without title, text and address\n',
  );
}

async function printFile(file: string, options: { url?: string; json?: boolean }): Promise<void> {
  const request = { id: file, file: path.resolve(file), ...(options.url && { url: options.url }) };
  const result = await parseOne(request).catch((error: unknown) => {
    if (error instanceof TagwireError) throw new TagwireError(`${file}: ${error.message}`);
    throw new TagwireError(`${file}: ${whyUnread(error)}`, 'Give the path of a feed file.');
  });
  await tellOfDropped(request);
  if (options.json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  console.log(`${result.feed.title || '(no title)'}  ${result.feed.link ?? ''}`);
  for (const entry of result.entries) {
    console.log(`\n${entry.title ?? '(no title)'}\n  ${entry.link ?? '(no address)'}`);
    const facts = [entry.published ?? entry.updated, entry.author, entry.tags.join(', ')];
    console.log(`  ${facts.filter(Boolean).join(' · ')}`);
  }
}

export const command = new Command('parse')
  .description('read feed files and print what Tagwire makes of them')
  .argument('[file...]', 'feed files: RSS, Atom or JSON Feed')
  .option('--url <url>', 'where the feed came from (base of its relative links)')
  .option('--json', 'print JSON')
  .option('--jsonl', 'answer one JSON request a line on standard input: {"id","file","url"?}')
  .addHelpText(
    'after',
    `
Without an address of the feed, its relative links are shown below ${UNKNOWN_URL}.

Example:
  $ bin/tagwire parse --json test/fixtures/feeds/rss-plain.xml`,
  )
  .action(async (files: string[], options: { url?: string; json?: boolean; jsonl?: boolean }) => {
    try {
      if (options.jsonl) await answerLines();
      else if (files.length === 0) {
        throw new TagwireError('No file was given.', 'Try `bin/tagwire parse FILE`.');
      }
      for (const file of files) await printFile(file, options);
    } finally {
      await closeReadThreads();
    }
  });
