import { describe, expect, test } from 'vitest';
import { AdminGate } from '../../lib/serve/admin-access.ts';

const basic = (password: string) =>
  `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;
const NETWORK = '203.0.113.9';

describe('the gate before the operator’s pages', () => {
  test('is closed when no password is set', async () => {
    const gate = new AdminGate(undefined);
    expect(await gate.check(basic(''), NETWORK)).toEqual({ kind: 'no-password-set' });
  });

  test('opens for the password, with colons and other scripts in it', async () => {
    const gate = new AdminGate('пароль:with:colons');
    expect((await gate.check(basic('пароль:with:colons'), NETWORK)).kind).toBe('granted');
  });

  test('stays shut for anything else', async () => {
    const gate = new AdminGate('right password');
    for (const header of [null, '', 'Basic', 'Basic !!', 'Bearer x', basic('wrong'), basic('')]) {
      expect((await gate.check(header, NETWORK)).kind).toBe('unauthorised');
    }
  });

  test('makes a network wait after ten wrong passwords, and nobody else', async () => {
    const gate = new AdminGate('right password');
    for (let n = 0; n < 10; n += 1) await gate.check(basic(`guess ${n}`), NETWORK);
    const eleventh = await gate.check(basic('right password'), NETWORK);
    expect(eleventh).toMatchObject({ kind: 'too-many-attempts' });
    expect((await gate.check(basic('right password'), '198.51.100.7')).kind).toBe('granted');
  });

  test('does not count who knows the password', async () => {
    const gate = new AdminGate('right password');
    for (let n = 0; n < 50; n += 1) {
      expect((await gate.check(basic('right password'), NETWORK)).kind).toBe('granted');
    }
  });
});
