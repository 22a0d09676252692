import { spawn } from 'node:child_process';
import { siteArguments } from '../bin/site-process.ts';
import { childEnvironment, ROOT } from '../lib/config.ts';
import { databaseUrl } from '../lib/db.ts';
import { startServer } from '../lib/embedded/server-process.ts';

const START_MS_MAX = 60_000;

export interface Site {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts the built site on a free port, on the database of this process. */
export async function startSite(): Promise<Site> {
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'site',
    launch: (port) =>
      spawn(process.execPath, siteArguments(port), {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: childEnvironment({
          NODE_ENV: 'production',
          NEXT_TELEMETRY_DISABLED: '1',
          SITE_URL: urlOf(port),
          PORT: String(port),
          DATABASE_URL: databaseUrl(),
        }),
      }),
    async isReady(port) {
      const answer = await fetch(`${urlOf(port)}/healthz`).catch(() => undefined);
      return answer?.ok ?? false;
    },
    portTaken: /EADDRINUSE/u,
    stopSignal: 'TERM',
    startMsMax: START_MS_MAX,
    advice: 'Does `npm run build` work?',
  });
  return { url: urlOf(server.port), pid: server.pid, stop: server.stop };
}
