import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dkimVerify } from 'mailauth';
import { afterEach, describe, expect, test } from 'vitest';
import { readReturnPath } from '../../lib/alerts/return-path.ts';
import { provideSettings } from '../../lib/config.ts';
import { closeMail, sendMail } from '../../lib/mail/send.ts';
import { deliverMail } from '../../workers/jobs/deliver-mail.ts';
import { matchAlerts } from '../../workers/jobs/match-alerts.ts';
import { useDatabase } from '../support/database.ts';
import { startGrumpyMailServer } from '../support/grumpy-mail-server.ts';
import { useMailbox } from '../support/mail.ts';
import { useWatchers } from '../support/watchers.ts';

useDatabase();
const mailbox = useMailbox();
const { watch, publish, ask } = useWatchers();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-dkim-'));

function useKey(pem: string): void {
  const file = path.join(folder, 'key.pem');
  fs.writeFileSync(file, pem, { mode: 0o600 });
  provideSettings({ MAIL_DKIM_KEY_FILE: file, MAIL_FROM: 'Tagwire <alerts@news.example>' });
  closeMail();
}

function makeKeys(bits: number): { pem: string; dns: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { pem, dns: `v=DKIM1; k=rsa; p=${der}` };
}

afterEach(() => {
  provideSettings({ MAIL_DKIM_KEY_FILE: '', MAIL_BOUNCES: '', MAIL_FROM: '' });
  closeMail();
});

const HIT = { to: 'one@example.org', subject: 'kernel', html: '<p>x</p>', text: 'x' };

describe('a mail is signed', () => {
  test('with every header that mail programs act on, so that another program verifies it', async () => {
    const { pem, dns } = makeKeys(2048);
    useKey(pem);
    await watch('kernel');
    await publish({ title: 'A new kernel – with an “ü”' });
    await matchAlerts();
    await deliverMail();
    const [raw] = mailbox.listRaw();
    const asked: string[] = [];
    const verified = await dkimVerify(raw ?? '', {
      resolver: async (name: string) => {
        asked.push(name);
        return [[dns]];
      },
    });
    const [signature] = verified.results;
    expect(signature?.status.result, signature?.status.comment).toBe('pass');
    expect(asked).toContain('tagwire._domainkey.news.example');
    const head = String(raw).replace(/\r\n[ \t]+/gu, '');
    const signed = /^DKIM-Signature:.*\bh=([^;]+);/imu.exec(head)?.[1] ?? '';
    expect(signed.toLowerCase().split(/\s*:\s*/u)).toEqual(
      expect.arrayContaining([
        'from',
        'to',
        'subject',
        'date',
        'message-id',
        'list-id',
        'list-unsubscribe',
        'list-unsubscribe-post',
        'feedback-id',
        'auto-submitted',
        'in-reply-to',
        'references',
      ]),
    );
  });

  test.each([
    ['is no key', 'once upon a time'],
    ['is too short', makeKeys(512).pem],
  ])('or waits, and says why, when the key file %s', async (_, pem) => {
    useKey(pem);
    const outcome = await sendMail({ ...HIT, dedupeKey: 'signed-1' });
    expect(outcome).toMatchObject({
      kind: 'failed',
      errorText: expect.stringContaining('MAIL_DKIM_KEY_FILE'),
    });
    expect(mailbox.listRaw()).toEqual([]);
  });
});

test('mails of one alert are one thread, and mail services are told of which kind they are', async () => {
  const id = await watch('kernel');
  for (const title of ['A kernel', 'Another kernel']) {
    await publish({ title });
    await matchAlerts();
    await deliverMail();
  }
  const mails = await mailbox.list();
  expect(mails.map((mail) => mail.inReplyTo)).toEqual(Array(2).fill(`<alert-${id}@127.0.0.1>`));
  expect(mails.map((mail) => mail.references)).toEqual(Array(2).fill(`<alert-${id}@127.0.0.1>`));
  expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(2);
  expect(mails[0]?.headers.get('feedback-id')).toBe(`alert-${id}:instant:alerts:127-0-0-1`);
});

describe('a mail that cannot be delivered', () => {
  test('comes back to an address that says which it was', async () => {
    provideSettings({ MAIL_BOUNCES: 'bounces@example.org' });
    const envelopes: string[] = [];
    const server = await startGrumpyMailServer((line) => {
      if (line.startsWith('MAIL')) envelopes.push(line);
      return undefined;
    });
    await ask('kernel');
    await deliverMail();
    await server.stop();
    const [said = ''] = envelopes;
    expect(said).toMatch(/^MAIL FROM:<bounces\+\d+\.[a-z2-7]{16}@example\.org>/u);
    expect(readReturnPath(said)).toBe(1);
  });
});
