import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { SMTPServer } from 'smtp-server';
import { messageOf } from '../errors.ts';
import { serveMail } from './mail-pages.ts';
import { freePort } from './ports.ts';

/** Larger mails are not ours. */
const MESSAGE_BYTES_MAX = 5 * 1024 * 1024;
/** The oldest go when there are more. */
const MESSAGES_KEPT_MAX = 1000;
const HOST = '127.0.0.1';

export interface MailCatcher {
  /** For SMTP_URL. */
  smtpUrl: string;
  /** Where a person reads the mails. */
  url: string;
  /** Resolves when no connection is left. */
  stop(): Promise<void>;
}

/** Names sort by arrival: the time, then a number, then chance. */
function nameMaker(): () => string {
  let number = 0;
  return () => {
    number += 1;
    const time = new Date().toISOString().replace(/[-:.]/gu, '');
    return `${time}-${String(number).padStart(6, '0')}-${randomBytes(3).toString('hex')}.eml`;
  };
}

/**
 * Starts an SMTP server on loopback that keeps every mail as an .eml file in `dataDir`/mail and
 * sends none on, and a small site that shows them. For the demo and for tests.
 * @throws when a port that is asked for is taken.
 */
export async function startMailCatcher(options: {
  dataDir: string;
  smtpPort?: number;
  httpPort?: number;
}): Promise<MailCatcher> {
  const folder = path.join(options.dataDir, 'mail');
  // Mails hold links that change people's alerts: for the operator only.
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const smtp = makeSmtpServer(folder);
  const web = http.createServer((req, res) => {
    serveMail(folder, req, res).catch((error) => {
      if (!res.headersSent) res.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      res.end(messageOf(error));
    });
  });
  const smtpPort = options.smtpPort ?? (await freePort());
  await listening(smtp.server, (done) => smtp.listen(smtpPort, HOST, done));
  const httpPort = options.httpPort ?? (await freePort());
  try {
    await listening(web, (done) => web.listen(httpPort, HOST, done));
  } catch (error) {
    await new Promise<void>((resolve) => smtp.close(() => resolve()));
    throw error;
  }
  return {
    smtpUrl: `smtp://${HOST}:${smtpPort}`,
    url: `http://${HOST}:${httpPort}`,
    async stop() {
      web.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => smtp.close(() => resolve())),
        new Promise<void>((resolve) => web.close(() => resolve())),
      ]);
    },
  };
}

function makeSmtpServer(folder: string): SMTPServer {
  const nextName = nameMaker();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MESSAGE_BYTES_MAX,
    logger: false,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => {
        // Beyond the limit only counted (sizeExceeded), not kept.
        if (!stream.sizeExceeded) chunks.push(chunk);
      });
      stream.on('error', done);
      stream.on('end', () => {
        if (stream.sizeExceeded) {
          const refusal = new Error(`The mail is larger than ${MESSAGE_BYTES_MAX} bytes.`);
          return done(Object.assign(refusal, { responseCode: 552 }));
        }
        try {
          store(folder, nextName(), Buffer.concat(chunks));
          done();
        } catch (error) {
          done(Object.assign(new Error(messageOf(error)), { responseCode: 452 }));
        }
      });
    },
  });
  // A client that breaks off is its own affair; without a listener it would end the process.
  server.on('error', () => {});
  return server;
}

/** Under its name only when it is whole, so that nobody reads half a mail. */
function store(folder: string, name: string, mail: Buffer): void {
  const draft = path.join(folder, `.${name}`);
  fs.writeFileSync(draft, mail, { mode: 0o600 });
  fs.renameSync(draft, path.join(folder, name));
  const kept = fs.readdirSync(folder).filter((file) => file.endsWith('.eml') && file[0] !== '.');
  for (const old of kept.sort().slice(0, -MESSAGES_KEPT_MAX)) fs.rmSync(path.join(folder, old));
}

function listening(server: NodeJS.EventEmitter, listen: (done: () => void) => void) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    listen(() => {
      server.off('error', reject);
      resolve();
    });
  });
}
