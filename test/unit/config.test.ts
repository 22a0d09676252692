import { describe, expect, test } from 'vitest';
import { readConfig } from '../../lib/config.ts';

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

  test('the site address loses the slash at its end', () => {
    expect(readConfig({ SITE_URL: 'https://planet.example/' }).siteUrl).toBe(
      'https://planet.example',
    );
  });
});
