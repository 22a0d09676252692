import { spawn } from 'node:child_process';
import path from 'node:path';
import { childEnvironment, ROOT, type SettingName } from '../lib/config.ts';
import { databaseUrl } from '../lib/db.ts';
import { startServer } from '../lib/embedded/server-process.ts';

/** Starts a worker as it runs for real, on the database of this process. Resolves when it is ready. */
export const startWorker = (settings: Partial<Record<SettingName, string>> = {}) =>
  startServer({
    name: 'worker',
    launch: (port) =>
      spawn(process.execPath, [path.join(ROOT, 'bin/main.ts'), 'worker'], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: childEnvironment({
          DATABASE_URL: databaseUrl(),
          WORKER_PORT: String(port),
          ...settings,
        }),
      }),
    async isReady(port) {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
      return answer?.ok ?? false;
    },
    portTaken: /EADDRINUSE/u,
    stopSignal: 'TERM',
    startMsMax: 60_000,
    advice: 'Its last words say why.',
  });
