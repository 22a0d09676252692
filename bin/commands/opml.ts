import fs from 'node:fs/promises';
import { Command } from 'commander';
import { TagwireError } from '../../lib/errors.ts';
import { decodeBytes } from '../../lib/ingest/decode.ts';
import { readOpml } from '../../lib/syndicate/opml.ts';
import { whyUnread } from '../terminal-text.ts';

export const command = new Command('opml')
  .description('print the feeds of a subscription list as JSON: [{"title","url","tags":[]}]')
  .argument('<file>', 'an OPML file')
  .option('--json', 'print JSON (it always does)')
  .addHelpText('after', '\nExample:\n  $ bin/tagwire opml feeds.opml')
  .action(async (file: string) => {
    const bytes = await fs.readFile(file).catch((error: unknown) => {
      throw new TagwireError(`${file} cannot be read: ${whyUnread(error)}`, 'Give an OPML file.');
    });
    const feeds = readOpml(decodeBytes(bytes, undefined).text);
    if (feeds === undefined) {
      throw new TagwireError(
        `${file} is no OPML: it has no <opml> element.`,
        'Export a subscription list from a feed reader, or write one (https://opml.org).',
      );
    }
    const list = feeds.map(({ title, url, tags }) => ({ title, url, tags }));
    process.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
  });
