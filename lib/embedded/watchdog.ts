import { type ChildProcess, spawn } from 'node:child_process';

// Ends the listed processes when its standard input closes: when we are gone, however we ended
// (kill -9 included). A shell, because it must be tiny and outlive us; it ignores the signals
// that a terminal sends to everyone.
const SCRIPT = `
trap '' INT TERM HUP
all=
while read -r verb pid signal; do
  left=
  for one in $all; do [ "\${one%%:*}" = "$pid" ] || left="$left $one"; done
  all=$left
  [ "$verb" = guard ] && all="$all $pid:$signal"
done
[ -n "$all" ] || exit 0
for one in $all; do kill -s "\${one#*:}" "\${one%%:*}" 2>/dev/null; done
for pause in 1 1 2 2 4; do
  sleep $pause
  left=
  for one in $all; do kill -0 "\${one%%:*}" 2>/dev/null && left="$left $one"; done
  all=$left
  [ -n "$all" ] || exit 0
done
for one in $all; do kill -s KILL "\${one%%:*}" 2>/dev/null; done
`;

let watchdog: ChildProcess | undefined;

function tell(line: string): void {
  if (process.platform === 'win32') return;
  if (watchdog === undefined) {
    watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'tagwire-watchdog'], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Without it a killed run leaves orphans, which the next one takes over: no reason to fail.
    watchdog.on('error', () => {});
    watchdog.stdin?.on('error', () => {});
    watchdog.unref();
    (watchdog.stdin as { unref?: () => void } | null)?.unref?.();
  }
  watchdog.stdin?.write(`${line}\n`);
}

/** Makes sure that a child gets `signal` when this process is gone, however it ended. */
export function guard(child: ChildProcess, signal: 'INT' | 'TERM'): void {
  const { pid } = child;
  if (pid === undefined) return;
  tell(`guard ${pid} ${signal}`);
  // Its id may be given to another process.
  child.once('exit', () => tell(`release ${pid}`));
}
