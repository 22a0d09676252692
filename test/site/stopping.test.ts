import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { startSite } from '../support/site.ts';

/** Connects to a site and says so much. @returns resolves when the connection has ended. */
async function connect(url: string, words: string): Promise<{ ended: Promise<void> }> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {}); // it may end so
  socket.resume();
  if (words !== '') socket.write(words);
  return { ended: new Promise((resolve) => socket.once('close', () => resolve())) };
}

test('a site that is asked to end does so, whoever is connected and says nothing, or not all', async () => {
  const site = await startSite({
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
    SITE_SECRET: 'a secret for tests that is long enough',
    MEILI_URL: '',
  });
  const silent = await connect(site.url, '');
  const slow = await connect(site.url, 'GET / HTTP/1.1\r\nHost: localhost\r\n');
  expect((await site.get('/healthz')).status).toBe(200);
  await site.stop();
  await Promise.all([silent.ended, slow.ended]);
  await expect(site.get('/healthz')).rejects.toThrow();
});
