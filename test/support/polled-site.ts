import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { provideSettings, type SettingName } from '../../lib/config.ts';
import { freePort } from '../../lib/embedded/ports.ts';
import { type SampleFeeds, startSampleFeeds } from '../../lib/embedded/sample-feeds.ts';
import { type CommandEnd, runCommand } from './run-command.ts';
import { type Site, startSite } from './site.ts';

/** Lets commands and workers that this file starts fetch from loopback, without pauses. */
export function allowLoopback(): void {
  provideSettings({
    FETCH_ALLOW: '127.0.0.0/8',
    FETCH_HOST_DELAY_MS: '0',
    FETCH_HOST_CONCURRENCY: '16',
    MEILI_INDEX: `posts-${crypto.randomUUID()}`,
  });
}

/** Runs a command. @throws with its words when it does not end well. */
export async function runWell(...args: string[]): Promise<CommandEnd> {
  const command = await runCommand(args);
  if (command.end === 'code 0') return command;
  throw new Error(`bin/tagwire ${args.join(' ')}: ${command.end}\n${command.stderr}`);
}

/** Brings the feeds of an OPML text in and polls them, as an operator would. */
export async function importAndPoll(opml: string): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-opml-'));
  try {
    const file = path.join(folder, 'feeds.opml');
    fs.writeFileSync(file, opml);
    await runWell('feeds', 'import', file);
    await runWell('poll', '--all', '--wait');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The built site with the sample feeds, polled once and still served. */
export interface SampleSite extends Site {
  samples: SampleFeeds;
}

/**
 * Serves, imports and polls the sample feeds, and starts the site, all on the file's database.
 * @param options.now to which the dates of the posts are counted back.
 */
export async function startSampleSite(
  options: { now?: Date; settings?: Partial<Record<SettingName, string>> } = {},
): Promise<SampleSite> {
  allowLoopback();
  const now = options.now ?? new Date();
  const samples = await startSampleFeeds({ port: await freePort(), now });
  await importAndPoll(samples.opml);
  const site = await startSite(options.settings);
  return {
    ...site,
    samples,
    async stop() {
      await site.stop();
      await samples.stop();
    },
  };
}
