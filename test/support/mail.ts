import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { startMailCatcher } from '../../lib/embedded/mail-catcher.ts';
import { closeMail } from '../../lib/mail/send.ts';
import { mailFaults } from './mail-rules.ts';

export interface Mailbox {
  /**
   * Every mail that has come since the test began, oldest first.
   * @throws when one breaks a rule of mail programs (mail-rules.ts).
   */
  list(): Promise<ParsedMail[]>;
  /** The same as they came. */
  listRaw(): Buffer[];
}

/** Gives a test file a mail catcher of its own as SMTP_URL, empty at the start of each test. */
export function useMailbox(): Mailbox {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-mail-'));
  const folder = path.join(dataDir, 'mail');
  let stop: () => Promise<void>;
  const names = () => fs.readdirSync(folder).filter((name) => name.endsWith('.eml'));
  beforeAll(async () => {
    const catcher = await startMailCatcher({ dataDir });
    stop = catcher.stop;
    provideSettings({ SMTP_URL: catcher.smtpUrl });
  });
  beforeEach(() => {
    for (const name of names()) fs.rmSync(path.join(folder, name));
  });
  afterAll(async () => {
    closeMail();
    await stop();
    fs.rmSync(dataDir, { recursive: true });
  });
  const listRaw = () =>
    names()
      .sort()
      .map((name) => fs.readFileSync(path.join(folder, name)));
  return { listRaw, list: () => Promise.all(listRaw().map(readRuly)) };
}

function readRuly(raw: Buffer): Promise<ParsedMail> {
  const faults = mailFaults(raw);
  if (faults.length > 0) throw new Error(`this mail is none: ${faults.join('; ')}\n${raw}`);
  return simpleParser(raw);
}

/** The address of the first link to our own site with this purpose. */
export function linkIn(mail: ParsedMail | undefined, purpose: string): string {
  const found = new RegExp(`https?://[^\\s<>"]+/alerts/${purpose}/[^\\s<>"]+`, 'u').exec(
    String(mail?.text),
  );
  if (found === null) throw new Error(`no link to ${purpose} in: ${mail?.text}`);
  return found[0];
}
