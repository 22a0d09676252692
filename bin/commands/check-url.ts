import readline from 'node:readline';
import { Command } from 'commander';
import { config } from '../../lib/config.ts';
import { messageOf, TagwireError } from '../../lib/errors.ts';
import { checkUrl, type Resolve, type Verdict } from '../../lib/fetch/guard.ts';
import { adoptRunning } from '../servers.ts';

/** Refused for a reason that FETCH_ALLOW takes away. */
const PRIVATE = /not a public one$/u;

/** A look-up that gives these addresses. */
const told =
  (addresses: readonly string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

async function answerLine(line: string): Promise<object> {
  let id: unknown = null;
  try {
    const request = JSON.parse(line) as { id?: unknown; url?: unknown; dns?: unknown };
    id = request.id ?? null;
    if (typeof request.url !== 'string') throw new TagwireError('"url" is missing.');
    const resolve = Array.isArray(request.dns) ? told(request.dns.map(String)) : undefined;
    return { id, ...(await checkUrl(request.url, config().fetchAllow, resolve)) };
  } catch (error) {
    return { id, allowed: false, reason: messageOf(error) };
  }
}

async function answerLines(): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() !== '') process.stdout.write(`${JSON.stringify(await answerLine(line))}\n`);
  }
}

async function checkAll(urls: string[], json: boolean): Promise<void> {
  const verdicts: ({ url: string } & Verdict)[] = [];
  for (const url of urls) {
    verdicts.push({ url, ...(await checkUrl(url, config().fetchAllow)) });
  }
  if (json) console.log(JSON.stringify(verdicts, null, 2));
  else for (const verdict of verdicts) console.log(line(verdict));
  const refused = verdicts.filter((verdict) => !verdict.allowed).length;
  if (refused > 0 && !json) {
    const hasPrivate = verdicts.some((verdict) => !verdict.allowed && PRIVATE.test(verdict.reason));
    throw new TagwireError(
      `${refused} of ${verdicts.length} addresses would not be fetched.`,
      hasPrivate
        ? 'FETCH_ALLOW opens ranges of private addresses, as FETCH_ALLOW=127.0.0.0/8,10.0.0.0/8.'
        : 'Correct what the lines say of them, or see whether they open in a browser.',
    );
  }
  if (refused > 0) process.exitCode = 1;
}

const line = (verdict: { url: string } & Verdict) =>
  verdict.allowed ? `allowed  ${verdict.url}` : `refused  ${verdict.url}  ${verdict.reason}`;

export const command = new Command('check-url')
  .description('say whether the fetcher would fetch these addresses, and why not')
  .argument('[url...]', 'addresses')
  .option('--json', 'print JSON')
  .option('--jsonl', 'answer one JSON request a line on standard input: {"id","url","dns"?}')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire check-url https://lwn.net/headlines/rss')
  .action(async (urls: string[], options: { json?: boolean; jsonl?: boolean }) => {
    if (options.jsonl) return answerLines();
    if (urls.length === 0) {
      throw new TagwireError('No address was given.', 'Try `bin/tagwire check-url URL`.');
    }
    // What a running house lets through, it lets through here too; --jsonl asks of this process alone.
    adoptRunning();
    return checkAll(urls, options.json ?? false);
  });
