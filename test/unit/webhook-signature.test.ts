import { expect, test } from 'vitest';
import { signEvent } from '../../lib/alerts/webhook-signature.ts';
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
