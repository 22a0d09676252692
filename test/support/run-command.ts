import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { format } from 'node:util';
import { vi } from 'vitest';
import { runProgram } from '../../bin/program.ts';
import { childEnvironment, provideSettings, type SettingName } from '../../lib/config.ts';
import { closeDb } from '../../lib/db.ts';
import { ended } from '../../lib/embedded/process.ts';
import { keepSettings } from './keep-settings.ts';

const TAGWIRE = path.join(import.meta.dirname, '../../bin/tagwire');

export interface CommandEnd {
  /** `code 0`, or the name of the signal that ended it. */
  end: string;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command as `bin/tagwire` does, but in this process, which is spared a start: for what ends
 * by itself and needs no signals. One at a time.
 * @param settings beside those that this process has now, or instead of them.
 */
export async function runCommand(
  args: string[],
  settings: Partial<Record<SettingName, string>> = {},
): Promise<CommandEnd> {
  const said = { stdout: '', stderr: '' };
  const keep = (name: 'stdout' | 'stderr') => (part: unknown) => {
    said[name] += String(part);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep('stderr')),
    vi
      .spyOn(console, 'log')
      .mockImplementation((...parts) => keep('stdout')(`${format(...parts)}\n`)),
    vi
      .spyOn(console, 'error')
      .mockImplementation((...parts) => keep('stderr')(`${format(...parts)}\n`)),
  ];
  const restoreSettings = keepSettings();
  const before = process.exitCode;
  process.exitCode = undefined;
  // Its connections are those of the database that is named now.
  const elsewhere = 'DATABASE_URL' in settings;
  try {
    if (elsewhere) await closeDb();
    provideSettings(settings);
    await runProgram(args);
    return { end: `code ${process.exitCode ?? 0}`, ...said };
  } finally {
    process.exitCode = before;
    if (elsewhere) await closeDb();
    restoreSettings();
    for (const spy of spies) spy.mockRestore();
  }
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
