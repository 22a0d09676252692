import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MailCatcher, startMailCatcher } from '../../lib/embedded/mail-catcher.ts';

let dataDir: string;
let catcher: MailCatcher;

beforeAll(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-mail-'));
  catcher = await startMailCatcher({ dataDir });
});

afterAll(async () => {
  await catcher.stop();
  fs.rmSync(dataDir, { recursive: true });
});

test('a mail sent over SMTP is a file, stands in the list, and shows as HTML, text and source', async () => {
  expect(await (await fetch(catcher.url)).text()).toContain('No mail has come yet');
  const transport = nodemailer.createTransport(catcher.smtpUrl);
  await transport.sendMail({
    from: 'alerts@example.org',
    to: 'reader@example.org',
    subject: 'Grüße <b>',
    text: 'Open https://example.org/?a=1&b=2 now\nor this\n<https://example.org/b>, please.',
    html: '<p>Open <a href="https://example.org/">it</a></p><script>alert(1)</script>',
  });
  transport.close();
  const [name = ''] = fs.readdirSync(path.join(dataDir, 'mail'));
  expect(name).toMatch(/\.eml$/u);
  const list = await (await fetch(catcher.url)).text();
  expect(list).toContain(`<a href="/${name}">Grüße &#60;b&#62;</a>`);
  const page = await (await fetch(`${catcher.url}/${name}`)).text();
  expect(page).toContain(`src="/${name}/html" sandbox=`);
  expect(page).toContain('href="https://example.org/?a=1&#38;b=2"');
  expect(page).toContain('href="https://example.org/b"');
  const html = await fetch(`${catcher.url}/${name}/html`);
  expect(html.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await html.text()).toContain('<base target="_blank">');
  expect(await (await fetch(`${catcher.url}/${name}/raw`)).text()).toContain('Subject: =?UTF-8?');
});

test('files outside of the folder and unknown mails are 404', async () => {
  for (const place of ['/../secret', '/..%2fsecret', '/none.eml', '/.hidden.eml']) {
    expect((await fetch(catcher.url + place)).status).toBe(404);
  }
});
