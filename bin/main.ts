import { Command, CommanderError } from 'commander';
import { messageOf, TagwireError } from '../lib/errors.ts';
import packageJson from '../package.json' with { type: 'json' };

// One file a command, loaded only when it is asked for: `--help` and `parse` start at once.
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  config: () => import('./commands/config.ts'),
  dev: () => import('./commands/dev.ts'),
  parse: () => import('./commands/parse.ts'),
