import { expect, test } from 'vitest';
import { dbPool } from '../../lib/db.ts';
import { useAlertSite } from '../support/alert-site.ts';
import { makePost } from '../support/make.ts';

// What the form of /alerts answers; what becomes of an alert is in alerts.test.ts.

const { site, feedId, post, ask } = useAlertSite();

test('the form shows what words would have found, and what is wrong with them', async () => {
  await makePost({
    feedId: feedId(),
    title: 'Old news',
    text: 'It was a quiet day. The zonefs file system grew up. The end.',
    sortAt: new Date(Date.now() - 86_400_000),
  });
  const found = await (await site().get('/alerts?query=zonefs')).text();
  expect(found).toMatch(
    /<blockquote>The <mark>zonefs<\/mark> file system grew up\.<\/blockquote>/u,
  );
  expect(found).toMatch(/value="zonefs"/u);
  expect(await (await site().get('/alerts?query=nosuchword')).text()).toContain('Nothing so far');
  const wrong = await (await site().get(`/alerts?query=${encodeURIComponent('a (b')}`)).text();
  expect(wrong).toContain('This bracket is not closed.');
  const alike = await (await site().get(`/alerts?query=${encodeURIComponent('\u0430ws')}`)).text();
  expect(alike).toMatch(/is Cyrillic, and the others are Latin.*<a href="\/alerts\?query=aws">/su);
  expect(await (await site().get('/alerts?problem=constructor')).text()).not.toContain(
    'role="status"',
  );
});

test.each([
  ['no-address', 'kernel', 'instant', 'email'],
  ['a@example.org', '', 'instant', 'query'],
  ['a@example.org', 'kernel', 'hourly', 'cadence'],
  ['a@example.org\r\nBcc: b@example.org', 'kernel', 'instant', 'email'],
])(
  '%j with %j, %j is refused for its %s, and the words are kept',
  async (email, query, cadence, field) => {
    const answer = await ask(email, query, cadence);
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get('location') ?? '', site().url);
    expect(location.searchParams.get('problem')).toBe(field);
    expect(location.searchParams.get('query')).toBe(query);
    expect((await site().get(location.pathname + location.search)).status).toBe(200);
  },
);

test('what is wrong with an empty form is said', async () => {
  const location = (await ask('a@example.org', '')).headers.get('location') ?? '';
  expect(await (await site().get(location)).text()).toContain('Name at least one word.');
});

test.each([
  ['a\0kernel', 303],
  ['word '.repeat(10_000), 303],
  ['x'.repeat(20_000_000), 303],
])('strange words are answered like a mistake (case %#)', async (query, status) => {
  const answer = await ask('strange@example.org', query);
  expect(answer.status).toBe(status);
  expect((answer.headers.get('location') ?? '').length).toBeLessThan(2000);
});

test.each([
  ['too long', `{"tag": ["${'a'.repeat(5000)}"]}`, '4096 characters at most'],
  ['too long for an address', `{"tag": [1], "url": ["${'é'.repeat(2000)}"]}`, 'Put it in again'],
  ['of too many values', `{"tag": [${'"a",'.repeat(150)}"a"]}`, 'These are 151 values'],
  ['of hidden characters', '{"title": [{"prefix": "a\u202eb"}]}', '(U+202E), which nobody sees'],
])('a policy %s is refused, and what is wrong is said', async (_, policy, message) => {
  const answer = await post('/alerts', { email: 'a@example.org', query: 'kernel', policy });
  const location = answer.headers.get('location') ?? '';
  expect(location).toContain('problem=policy');
  expect(await (await site().get(location)).text()).toContain(message);
});

test('a body that is no form changes nothing', async () => {
  const answer = await site().get('/alerts', {
    method: 'POST',
    body: 'no parts',
    headers: { origin: site().url, 'content-type': 'multipart/form-data; boundary=x' },
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toContain('problem=query');
});

test('the answer does not tell whether an address is known or wanted', async () => {
  await dbPool().query(`INSERT INTO suppressions VALUES ('gone@example.org', 'complaint')`);
  await ask('ada@example.org', 'scheduler');
  const answers = [];
  for (const email of ['new@example.org', 'ada@example.org', 'gone@example.org']) {
    const answer = await ask(email, 'kernel');
    answers.push([answer.status, answer.headers.get('location'), await answer.text()]);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test('a program that fills in every field asks for nothing', async () => {
  const fields = { email: 'bot@example.org', query: 'kernel', cadence: 'instant', website: 'x' };
  expect((await post('/alerts', fields)).headers.get('location')).toBe('/alerts/asked');
  const { rows } = await dbPool().query(
    `SELECT FROM subscribers WHERE email_key = 'bot@example.org'`,
  );
  expect(rows).toEqual([]);
});

test('a form of another site is refused', async () => {
  const answer = await post(
    '/alerts',
    { email: 'forged@example.org', query: 'kernel', cadence: 'instant' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  );
  expect(answer.status).toBe(403);
  const { rows } = await dbPool().query(
    `SELECT FROM subscribers WHERE email_key = 'forged@example.org'`,
  );
  expect(rows).toEqual([]);
});

test('one network may ask only so often', async () => {
  let last = '';
  for (let i = 0; i < 40; i++) {
    const answer = await ask(`many${i}@example.org`, 'kernel');
    last = answer.headers.get('location') ?? '';
  }
  expect(last).toContain('problem=too-many');
});

test('an address that was typed before words were tried is not kept in the address of the page', async () => {
  const tried =
    '/alerts?query=zonefs&cadence=daily&policy=&webhook=&email=ada%40example.org&website=';
  const answer = await site().get(tried, { redirect: 'manual' });
  expect(answer.status).toBe(307);
  const location = new URL(answer.headers.get('location') ?? '', site().url);
  expect(Object.fromEntries(location.searchParams)).toEqual({
    query: 'zonefs',
    cadence: 'daily',
    policy: '',
    webhook: '',
  });
  expect(await answer.text()).not.toContain('ada');
});
