import { describe, expect, test } from 'vitest';
import {
  addressSet,
  clientAddress,
  isLoopback,
  networkOf,
} from '../../lib/serve/client-address.ts';

const none = addressSet([]);
const proxies = addressSet(['10.0.0.0/8', '2001:db8::/32']);

describe('who asks', () => {
  test('without trusted proxies it is the peer, whatever it claims', () => {
    expect(clientAddress('198.51.100.7', '203.0.113.9', none)).toBe('198.51.100.7');
    expect(clientAddress('::ffff:198.51.100.7', undefined, none)).toBe('198.51.100.7');
  });

  test('behind trusted proxies it is the last address that none of them is', () => {
    expect(clientAddress('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', proxies)).toBe(
      '203.0.113.9',
    );
    expect(clientAddress('2001:db8::1', '2001:470::5', proxies)).toBe('2001:470::5');
  });

  test('nonsense in the header ends the chain at the proxy that let it through', () => {
    expect(clientAddress('10.0.0.1', 'unknown', proxies)).toBe('10.0.0.1');
    expect(clientAddress('10.0.0.1', '', proxies)).toBe('10.0.0.1');
  });

  test('limits count by IPv4 address and by IPv6 /64', () => {
    expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
  });

  test('loopback is loopback in both families', () => {
    expect(isLoopback('127.0.0.1')).toBe(true);
    expect(isLoopback('::1')).toBe(true);
    expect(isLoopback('::ffff:127.0.0.1')).toBe(true);
    expect(isLoopback('203.0.113.9')).toBe(false);
  });
});
