import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { signEvent } from '../../lib/alerts/webhook-signature.ts';
import { ROOT } from '../../lib/config.ts';
import { readWebhookAddress } from '../../lib/model/webhook.ts';

// The example with which libraries for Standard Webhooks test themselves.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test('an event is signed as in the example of the specification', () => {
  const [id, body] = ['msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}'];
  const at = new Date(1614265330_900);
  const other = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  expect(signEvent(id, body, at, [SECRET])).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  });
  const [first, second] =
    signEvent(id, body, at, [other, SECRET])['webhook-signature']?.split(' ') ?? [];
  expect(second).toBe(SIGNATURE);
  expect(first).not.toBe(SIGNATURE);
});

test.each([
  ['https://hooks.example.org/a?b=c#d', 'https://hooks.example.org/a?b=c'],
  ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/'],
  ['http://localhost:8080/', 'http://localhost:8080/'],
  ['http://hooks.example.org/', 'https:// only'],
  ['ftp://hooks.example.org/', 'https:// only'],
  ['javascript:alert(1)', 'https:// only'],
  ['hooks.example.org', 'no whole address'],
  ['https://me:secret@hooks.example.org/', 'User name and password'],
  [`https://hooks.example.org/${'x'.repeat(3000)}`, 'no whole address'],
])('%s as an endpoint is read as it is, or refused in words', (text, expected) => {
  const read = readWebhookAddress(text);
  expect(read.kind === 'address' ? read.url : read.message).toContain(expected);
});

test('the code that the documentation gives to receivers takes what is signed here, and nothing else', async () => {
  const page = fs.readFileSync(path.join(ROOT, 'docs', 'webhooks.md'), 'utf8');
  const code = /```js\n(.*?)```/su.exec(page)?.[1] ?? '';
  const { verify } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const at = new Date('2026-11-26T08:00:00Z');
  const seconds = at.getTime() / 1000;
  const headers = signEvent('msg_1-2', '{"a":"ü"}', at, ['whsec_AAAA', SECRET]);
  expect(verify(headers, '{"a":"ü"}', SECRET, seconds + 60)).toBe(true);
  expect(verify(headers, '{"a":"u"}', SECRET, seconds)).toBe(false);
  expect(verify(headers, '{"a":"ü"}', `${SECRET}BBBB`, seconds)).toBe(false);
  expect(verify(headers, '{"a":"ü"}', SECRET, seconds + 600)).toBe(false);
  expect(verify({ ...headers, 'webhook-id': 'msg_1-3' }, '{"a":"ü"}', SECRET, seconds)).toBe(false);
  expect(verify({}, '{"a":"ü"}', SECRET, seconds)).toBe(false);
});
