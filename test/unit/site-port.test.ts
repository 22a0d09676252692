import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { isPortFree, requireFree } from '../../bin/site-process.ts';
import { provideSettings } from '../../lib/config.ts';
import { freePort } from '../../lib/embedded/ports.ts';

afterEach(() => provideSettings({ BIND: '' }));

test('a port where another program listens is taken', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  expect(await isPortFree(port)).toBe(false);
  await expect(requireFree(port)).rejects.toThrow(`Port ${port} is taken`);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(port)).toBe(true);
});

// 192.0.2.0/24 is for documentation (RFC 5737): no machine has an address of it.
test.each(['192.0.2.1', 'nowhere.invalid'])('%s is no address to listen on', async (bind) => {
  provideSettings({ BIND: bind });
  await expect(isPortFree(await freePort())).rejects.toMatchObject({
    message: expect.stringContaining(`cannot listen on ${bind}: this machine has no such address`),
    next: expect.stringContaining('BIND'),
  });
});
