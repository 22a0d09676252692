import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';

/** How many mails the list shows. */
const LISTED_MAX = 200;
const HEAD_BYTES_MAX = 64 * 1024;
const NAME = /^[\w-]+\.eml$/u;

/** Names of the stored mails, newest first. */
function listMails(folder: string): string[] {
  const names = fs.readdirSync(folder).filter((name) => NAME.test(name));
  return names.sort().reverse();
}

const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/gu, (sign) => `&#${sign.codePointAt(0)};`);

const SHEET = `
:root{color-scheme:light dark;--paper:#f8faf8;--ink:#171b21;--soft:#4a4f57;--line:#cfd2ce;--link:#00505f}
@media(prefers-color-scheme:dark){:root{--paper:#11151b;--ink:#e2e1dc;--soft:#a9b0b4;--line:#343a42;--link:#85d0e0}}
body{margin:0 auto;max-width:56rem;padding:1.5rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
font:400 1rem/1.5 Inter,system-ui,sans-serif}
h1{font:600 1.75rem/1.25 Charter,Georgia,serif;margin:1rem 0 .25rem;overflow-wrap:anywhere}
a{color:var(--link)}.soft{color:var(--soft);font-size:.875rem}
li{padding:.8rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}ol{list-style:none;padding:0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:400 .8125rem/1.5 ui-monospace,monospace}
iframe{width:100%;height:46rem;border:1px solid var(--line);background:var(--paper)}`;

const page = (title: string, body: string) => `<!doctype html><html lang="en"><meta charset="utf-8">
<title>${escapeHtml(title)}</title><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><style>${SHEET}</style><main>${body}</main></html>`;

const addressText = (address: AddressObject | AddressObject[] | undefined) =>
  [address ?? []]
    .flat()
    .map((each) => each.text)
    .join(', ');

const subjectOf = (mail: ParsedMail) => mail.subject ?? '(no subject)';

const headLine = (mail: ParsedMail) =>
  `To ${addressText(mail.to)}, ${mail.date?.toISOString().slice(0, 19).replace('T', ' ') ?? ''} UTC`;

/** The head alone is enough for the list, whatever the mail carries. */
async function readHead(file: string): Promise<ParsedMail> {
  const handle = await fs.promises.open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES_MAX), 0);
    const text = buffer.subarray(0, bytesRead).toString('latin1');
    const end = text.search(/\r?\n\r?\n/u);
    return await simpleParser(
      Buffer.from(end < 0 ? text : `${text.slice(0, end)}\r\n\r\n`, 'latin1'),
    );
  } finally {
    await handle.close();
  }
}

async function listPage(folder: string): Promise<string> {
  const names = listMails(folder);
  const items: string[] = [];
  for (const name of names.slice(0, LISTED_MAX)) {
    const mail = await readHead(path.join(folder, name));
    items.push(
      `<li><a href="/${name}">${escapeHtml(subjectOf(mail))}</a>` +
        `<br><span class="soft">${escapeHtml(headLine(mail))}</span></li>`,
    );
  }
  const count = names.length === 1 ? 'One mail' : `${names.length} mails`;
  const lede =
    names.length === 0
      ? 'No mail has come yet. Ask for an alert, and its confirmation will be here.'
      : `${count}. They stay on this machine: none is sent on.`;
  return page('Mail', `<h1>Mail</h1><p class="soft">${lede}</p><ol>${items.join('')}</ol>`);
}

function mailPage(name: string, mail: ParsedMail): string {
  const html = mail.html
    ? `<iframe title="The mail as HTML" src="/${name}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
    : '';
  return page(
    subjectOf(mail),
    `<p><a href="/">All mail</a></p><h1>${escapeHtml(subjectOf(mail))}</h1>
<p class="soft">From ${escapeHtml(mail.from?.text ?? '')}<br>${escapeHtml(headLine(mail))}<br>
<a href="/${name}/raw">The raw message</a></p>${html}
<h2>As text</h2><pre>${linkAddresses(mail.text ?? '')}</pre>`,
  );
}

/** Text as HTML with its addresses as links; what stands around an address is not part of it. */
const linkAddresses = (text: string) =>
  text
    .split(/(\bhttps?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]])/u)
    .map((part, i) => {
      const shown = escapeHtml(part);
      return i % 2 === 0
        ? shown
        : `<a href="${shown}" target="_blank" rel="noreferrer">${shown}</a>`;
    })
    .join('');

/** A mail is somebody else's text: it runs nothing and loads pictures at most. */
const MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:";

function send(res: ServerResponse, status: number, type: string, body: string | Buffer): void {
  res.writeHead(status, {
    'content-type': type,
    'content-security-policy': `${MAIL_POLICY}; frame-src 'self'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  res.end(body);
}

const HTML = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

/** The catcher's small site: `/`, `/NAME.eml`, `/NAME.eml/html`, `/NAME.eml/raw`. */
export async function serveMail(
  folder: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  // Another site in the same browser could read mails through a name that points to us.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/u.test(req.headers.host ?? '')) {
    return send(res, 403, TEXT, 'Only by its loopback address.');
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') return send(res, 405, TEXT, 'Only GET.');
  const [name = '', form] = (req.url ?? '/').split('?')[0]?.slice(1).split('/') ?? [];
  if (name === '') return send(res, 200, HTML, await listPage(folder));
  const file = path.join(folder, name);
  if (!NAME.test(name) || !fs.existsSync(file)) return send(res, 404, TEXT, 'No such mail.');
  const raw = await fs.promises.readFile(file);
  if (form === 'raw') return send(res, 200, TEXT, raw);
  const mail = await simpleParser(raw);
  if (form === undefined) return send(res, 200, HTML, mailPage(name, mail));
  if (form !== 'html' || !mail.html) return send(res, 404, TEXT, 'No such form of this mail.');
  // Links leave the frame, whose sandbox lets them open a tab of their own.
  send(res, 200, HTML, `<base target="_blank">${mail.html}`);
}
