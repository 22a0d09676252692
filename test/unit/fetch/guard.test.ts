import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkAddress, checkUrl, isOwnNetwork, isPublicForm } from '../../../lib/fetch/guard.ts';

const told = (addresses: string[]) => async () =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const check = (url: string, addresses = ['93.184.216.34'], allow: string[] = []) =>
  checkUrl(url, allow, told(addresses));

describe('the fetch guard', () => {
  test.each([
    'https://example.com/feed',
    'http://1.1.1.1/',
    'http://172.32.0.1/',
    'https://example.com:8443/',
    'http://[2606:2800:220:1:248:1893:25c8:1946]/',
    'http://[64:ff9b::808:808]/',
    'http://[2606:2800::5efe:808:808]/',
    'https://bücher.example/feed',
    'https://example.com/?u=http://127.0.0.1/',
  ])('lets %s through', async (url) => {
    expect(await check(url)).toEqual({ allowed: true });
  });

  test.each([
    ['http://127.0.0.1/', /loopback/u],
    ['http://127.1/', /loopback/u],
    ['http://2130706433/', /loopback/u],
    ['http://0x7f000001/', /loopback/u],
    ['http://①②⑦.⓪.⓪.①/', /loopback/u],
    ['http://[::1]/', /loopback/u],
    ['http://[::ffff:127.0.0.1]/', /loopback/u],
    ['http://[::127.0.0.1]/', /nobody has been given/u],
    ['http://[64:ff9b::7f00:1]/', /loopback/u],
    ['http://[2002:7f00:1::]/', /loopback/u],
    ['http://[64:ff9b:1::808:808]/', /local NAT64/u],
    ['http://[64:ff9b:1:7f00:0:100:808:808]/', /local NAT64/u],
    ['http://[2606:2800::5efe:7f00:1]/', /loopback/u],
    ['http://[2606:2800::200:5efe:a00:1]/', /private/u],
    ['http://[2001:0:808:808::1]/', /teredo/u],
    ['http://[::ffff:0:7f00:1]/', /rfc6145/u],
    ['http://[4000::1]/', /nobody has been given/u],
    ['http://[fec0::1]/', /SiteLocal/u],
    ['http://0.0.0.0/', /unspecified/u],
    ['http://10.0.0.1/', /private/u],
    ['http://169.254.169.254/latest/meta-data/', /linkLocal/u],
    ['http://[fd00:ec2::254]/', /uniqueLocal/u],
    ['http://100.64.0.1/', /carrierGradeNat/u],
    ['ftp://example.com/', /only http/u],
    ['file:///etc/passwd', /only http/u],
    ['http://user:pass@example.com/', /user name/u],
    ['http://example.com:22/', /port 22/u],
    ['http://[::1', /no address/u],
    [`http://example.com/${'a'.repeat(3000)}`, /2048 characters/u],
  ])('refuses %s', async (url, reason) => {
    expect(await check(url)).toEqual({ allowed: false, reason: expect.stringMatching(reason) });
  });

  test('refuses a name when any of its addresses is not public', async () => {
    expect(await check('https://mixed.example/', ['93.184.216.34', '10.0.0.1'])).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/mixed\.example resolves to 10\.0\.0\.1/u),
    });
  });

  test('opens the ranges that the operator names, on any port', async () => {
    const allow = ['127.0.0.0/8'];
    expect(await check('http://127.0.0.1:31337/', [], allow)).toEqual({ allowed: true });
    expect(await check('http://intranet:31337/', ['127.0.0.2'], allow)).toEqual({ allowed: true });
    expect(await check('http://10.0.0.1/', [], allow)).toMatchObject({ allowed: false });
    expect(await check('http://mixed/', ['127.0.0.2', '10.0.0.1'], allow)).toMatchObject({
      allowed: false,
    });
  });

  test('refuses every loopback address in every form of IPv6 that carries IPv4', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), ([b, c, d]) => {
        const v4 = `127.${b}.${c}.${d}`;
        const hex = [127, b, c, d].map((byte) => byte.toString(16).padStart(2, '0'));
        const words = `${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`;
        for (const text of [
          v4,
          `::ffff:${v4}`,
          `::ffff:${words}`,
          `64:ff9b::${words}`,
          `2002:${words}::`,
        ]) {
          expect(checkAddress(text, []).allowed, text).toBe(false);
        }
      }),
    );
  });
});

describe('an address of ours', () => {
  test.each([
    'https://planet.example',
    'https://planet.example:8443',
    'http://93.184.216.34:4000',
    'http://[2606:2800:220:1:248:1893:25c8:1946]',
  ])('%s is one that others can ask', (url) => {
    expect(isPublicForm(url)).toBe(true);
  });

  test.each([
    'http://127.0.0.1:4000',
    'http://localhost:4000',
    'http://feeds.localhost',
    'http://[::1]:4000',
    'http://192.168.1.5',
    'http://[fd00::1]',
    'http://100.64.0.1',
    'http://planet',
    'https://planet.local.',
    'https://planet.internal',
    'https://nas.home.arpa',
    'https://planet.test',
  ])('%s is not', (url) => {
    expect(isPublicForm(url)).toBe(false);
  });

  test('does not matter to a hub within the ranges that the operator opens', async () => {
    const allow = ['127.0.0.0/8', '10.0.0.0/8'];
    const isOwn = (url: string, addresses: string[] = []) =>
      isOwnNetwork(url, allow, told(addresses));
    expect(await isOwn('http://127.0.0.1:8080/hub')).toBe(true);
    expect(await isOwn('https://hub.intranet/', ['10.1.2.3'])).toBe(true);
    expect(await isOwn('https://hub.example/', ['10.1.2.3', '93.184.216.34'])).toBe(false);
    expect(await isOwn('https://hub.example/', [])).toBe(false);
    expect(await isOwnNetwork('http://127.0.0.1/', [], told([]))).toBe(false);
    const lost = () => Promise.reject(new Error('no such name'));
    expect(await isOwnNetwork('https://hub.example/', allow, lost)).toBe(false);
  });
});
