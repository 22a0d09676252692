import { describe, expect, test } from 'vitest';
import { describeConfig, provideSettings, readConfig } from '../../lib/config.ts';
import { readMailboxAddress } from '../../lib/model/mailbox-address.ts';

describe('settings', () => {
  test('an empty variable counts as unset', () => {
    expect(readConfig({ PORT: '', SITE_TITLE: '' })).toMatchObject({
      port: 4000,
      portIsGiven: false,
      siteTitle: 'Tagwire',
    });
  });

  test('a bad value is refused by name, with what it must be', () => {
    expect(() => readConfig({ PORT: 'eighty' })).toThrow(
      /PORT is "eighty": it must be a whole number from 0 to 65535/u,
    );
  });

  test('a port that browsers block is refused, not served in vain', () => {
    expect(() => readConfig({ PORT: '6000' })).toThrow(
      /PORT is "6000": it must be another one: browsers block it/u,
    );
    expect(readConfig({ PORT: '80' }).port).toBe(80);
  });

  test('every bad value is named at once', () => {
    const read = () => readConfig({ PORT: '-1', SITE_TIMEZONE: 'Mars/Base' });
    expect(read).toThrow(/PORT is "-1"/u);
    expect(read).toThrow(/SITE_TIMEZONE is "Mars\/Base"/u);
  });

  test('a bad secret is refused without being shown', () => {
    expect(() => readConfig({ ADMIN_PASSWORD: 'hunter2' })).toThrow(
      /ADMIN_PASSWORD is \(hidden\): it must be at least 8 characters/u,
    );
  });

  test.each([
    'abc',
    '10',
    '10.0.0.0/33',
    '10.0.0.0/',
    '999.1.1.1',
    'fe80::1%eth0',
    '::/129',
    '10.0.0.0/8 127.0.0.1',
  ])('%s is no range of addresses', (range) => {
    for (const name of ['FETCH_ALLOW', 'TRUST_PROXY']) {
      expect(() => readConfig({ [name]: `127.0.0.1,${range}` })).toThrow(
        /it must be ranges like 127\.0\.0\.0\/8/u,
      );
    }
  });

  test('ranges are addresses, or networks in both families', () => {
    const fetchAllow = ['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'];
    expect(readConfig({ FETCH_ALLOW: fetchAllow.join(', ') })).toMatchObject({ fetchAllow });
  });

  test.each(['nobody', 'Planet <alerts>', '<>', 'Planet alerts@example.org', 'a@b <c'])(
    '%s is no sender of mails',
    (sender) => {
      expect(() => readConfig({ MAIL_FROM: sender })).toThrow(/MAIL_FROM is .*must be a sender/u);
    },
  );

  test.each(['alerts@example.org', 'Tägwire <alerts@localhost>', '"A, B" <a@example.org>'])(
    '%s is a sender of mails',
    (sender) => {
      expect(readConfig({ MAIL_FROM: sender }).mailFrom).toBe(sender);
    },
  );

  test('the site address loses the slash at its end', () => {
    expect(readConfig({ SITE_URL: 'https://planet.example/' }).siteUrl).toBe(
      'https://planet.example',
    );
  });
});

describe('the address of a mailbox', () => {
  const read = (url: string) => readConfig({ MAIL_BOUNCES_URL: url });
  const GOOD = 'imaps://bounces%40example.org:p%2Fw%40@mail.example.org/INBOX';

  test('has user, password and host, and is INBOX at the port of its protocol', () => {
    expect(readMailboxAddress(GOOD)).toEqual({
      host: 'mail.example.org',
      port: 993,
      security: 'tls',
      user: 'bounces@example.org',
      password: 'p/w@',
      folder: 'INBOX',
      name: 'imaps://bounces%40example.org@mail.example.org:993/INBOX',
    });
    expect(readMailboxAddress('imap://a:b@[2001:db8::1]')).toMatchObject({
      host: '2001:db8::1',
      port: 143,
      security: 'starttls',
      folder: 'INBOX',
    });
    expect(readMailboxAddress('imaps://a:b@h:1993/Mail%2FBounces')?.folder).toBe('Mail/Bounces');
  });

  test.each(['127.0.0.1', 'localhost', '[::1]'])('may do without TLS on %s alone', (host) => {
    expect(readMailboxAddress(`imap://a:b@${host}`)?.security).toBe('local');
    expect(readMailboxAddress(`imap://a:b@${host}.example.org`)?.security).not.toBe('local');
  });

  test.each([
    'smtp://a:b@mail.example.org',
    'imaps://mail.example.org',
    'imaps://a@mail.example.org',
    'imaps://:b@mail.example.org',
    'imaps://a:b@mail.example.org/INBOX?x',
    'imaps://a:b@mail.example.org/INBOX;UID=1#x',
    'imaps://a:%zz@mail.example.org',
    'imaps://a:b@',
    'mail.example.org',
  ])('is refused as %s', (url) => {
    expect(() => read(url)).toThrow(/MAIL_BOUNCES_URL is .*: it must be an address like imaps:/u);
  });

  test.each([
    'imaps://bounces@example.org:hunter2@mail.example.org:x/',
    'imaps://bounces:hunter2/@mail.example.org/INBOX',
    'smtp://bounces@example.org:hunter2@hunter2@mail.example.org',
  ])('that is refused is shown without its password: %s', (url) => {
    expect(() => read(url)).toThrow(/:\*{8}@mail\.example\.org/u);
    expect(() => read(url)).not.toThrow(/hunter2/u);
  });

  test.each(['MAIL_BOUNCES_URL', 'SMTP_URL', 'DATABASE_URL'] as const)(
    '%s is printed without its password, also where its @ is not encoded',
    (name) => {
      const scheme = { MAIL_BOUNCES_URL: 'imaps', SMTP_URL: 'smtps', DATABASE_URL: 'postgres' };
      provideSettings({ [name]: `${scheme[name]}://me@example.org:hunter2@hunter2@host/x` });
      const shown = describeConfig()[name];
      provideSettings({ [name]: '' });
      expect(shown).toBe(`${scheme[name]}://me@example.org:********@host/x`);
    },
  );
});
