import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { childEnvironment, type SettingName } from '../../lib/config.ts';
import { ended } from '../../lib/embedded/process.ts';

const TAGWIRE = path.join(import.meta.dirname, '../../bin/tagwire');

export interface CommandEnd {
  /** `code 0`, or the name of the signal that ended it. */
  end: string;
  stdout: string;
  stderr: string;
}

/**
 * Runs `bin/tagwire` to its end, on the servers and settings that this process has now.
 * @param settings beside those, or instead of them.
 * @param begun is told its process id.
 */
export async function runTagwire(
  args: string[],
  settings: Partial<Record<SettingName, string>> = {},
  begun: (pid: number) => void = () => {},
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [TAGWIRE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment(settings),
  });
  if (child.pid !== undefined) begun(child.pid);
  const parts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      parts[name] += text;
    });
  }
  // Its exit alone may come before its last words.
  await once(child, 'close');
  return { end: await ended(child), ...parts };
}
