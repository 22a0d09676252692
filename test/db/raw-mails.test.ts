import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { extract } from 'letterparser';
import { dkimVerify } from 'mailauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provideSettings } from '../../lib/config.ts';
import { closeMail, type OutgoingMail, sendMail } from '../../lib/mail/send.ts';
import { everyMail } from '../support/every-mail.ts';
import { useMailbox } from '../support/mail.ts';
import { HOSTILE, ORDINARY } from '../support/mail-content.ts';
import { mailFaults } from '../support/mail-rules.ts';

// The octets that the mail server is given, of every kind of mail, read without the library that
// wrote them: by rules of our own, and by a parser and a verifier of other people.

const mailbox = useMailbox();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-raw-'));
let dns = '';

beforeAll(() => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = path.join(folder, 'key.pem');
  fs.writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  dns = `v=DKIM1; k=rsa; p=${der}`;
  provideSettings({ MAIL_DKIM_KEY_FILE: file, MAIL_FROM: 'Tägwire <alerts@news.example>' });
});
afterAll(() => {
  provideSettings({ MAIL_DKIM_KEY_FILE: '', MAIL_FROM: '' });
  closeMail();
  fs.rmSync(folder, { recursive: true });
});

/** Sends a mail. @returns it as the server got it. */
async function sendRaw(mail: OutgoingMail): Promise<Buffer> {
  const outcome = await sendMail(mail);
  if (outcome.kind !== 'sent') throw new Error(JSON.stringify(outcome));
  const raw = mailbox.listRaw().at(-1);
  if (raw === undefined) throw new Error('nothing has come');
  return raw;
}

async function isVerified(raw: Buffer): Promise<boolean> {
  const { results } = await dkimVerify(raw, { resolver: async () => [[dns]] });
  return results.length === 1 && results[0]?.status.result === 'pass';
}

/** A body without what sending adds: CRs, and the end of the last line. */
const asWritten = (text = '') => text.replaceAll('\r\n', '\n').trimEnd();

describe('every kind of mail keeps the rules of mail programs, and reads as it was written', () => {
  test.each([['ordinary words', ORDINARY] as const, ...Object.entries(HOSTILE)])(
    'with %s',
    async (_, content) => {
      for (const [kind, mail] of everyMail(content)) {
        const raw = await sendRaw(mail);
        expect(mailFaults(raw), kind).toEqual([]);
        expect(await isVerified(raw), kind).toBe(true);
        const { subject, from, to, cc, bcc, text, html, attachments } = extract(
          raw.toString('latin1'),
        );
        expect(subject, kind).toBe(mail.subject);
        expect(`${subject}${text}`, kind).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
        expect(asWritten(text), kind).toBe(mail.text.trimEnd());
        expect(asWritten(html), kind).toBe(mail.html.trimEnd());
        expect(from, kind).toMatchObject({ name: 'Tägwire', address: 'alerts@news.example' });
        expect(
          [to, cc, bcc].flat().map((each) => each?.address),
          kind,
        ).toEqual(['reader@example.org', undefined, undefined]);
        expect(attachments ?? [], kind).toEqual([]);
      }
    },
  );

  test('with any words', async () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.constantFrom('=?', '?=', '=?utf-8?q?=0A?=', '\r\n', '\r', '"', '<', ',', '\\', '@', ':'),
    );
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
    const content = fc.record({ query: text, title: text, author: text, source: text });
    const kinds = ['confirm', 'instant', 'webhook', 'changes', 'quiet', 'notices'];
    await fc.assert(
      fc.asyncProperty(content, fc.constantFrom(...kinds), async (words, kind) => {
        const mail = everyMail({ ...ORDINARY, ...words }).get(kind);
        if (mail === undefined) throw new Error(kind);
        const raw = await sendRaw(mail);
        expect(mailFaults(raw)).toEqual([]);
        expect(await isVerified(raw)).toBe(true);
        expect(extract(raw.toString('latin1')).subject).toBe(mail.subject);
      }),
      { numRuns: 60 },
    );
  });
});
