import type { MailContent } from './every-mail.ts';

export const ORDINARY: MailContent = {
  query: 'postgres',
  title: 'What Postgres’ vacuum does while nobody looks',
  author: 'Ada Müller',
  source: 'Notes on Databases',
  sentence:
    'Dead rows stay until they are taken away, says the manual, and so does their space, in',
  tag: 'Databases',
  url: 'https://blog.example/2026/05/vacuum',
  answer: '503 Service Unavailable',
};

/** The same hostile text in every place. */
const all = (text: string): MailContent => ({
  query: text,
  title: text,
  author: text,
  source: text,
  sentence: text,
  tag: text,
  url: `https://blog.example/${encodeURIComponent(text.slice(0, 900).toWellFormed())}`,
  answer: text,
});

const INJECTION = 'a\r\nBcc: all@example.org\r\nX-Evil: yes\r\n\r\n<script>alert(1)</script>';

/** What publishers, readers and endpoints may write, by what is special in it. */
export const HOSTILE: Record<string, MailContent> = {
  'a title of a megabyte': { ...ORDINARY, title: 'word '.repeat(210_000) },
  'line ends and headers of its own': all(INJECTION),
  'other line ends': all(
    'a\nBcc: b@example.org\rCc: c@example.org\u2028Cc: d\u2029e\u0085f\u000bg',
  ),
  'an encoded word of its own': all('=?utf-8?B?DQpCY2M6IGFAZXhhbXBsZS5vcmc=?= and =?utf-8?Q?=0D?='),
  'emoji, some of several characters': all('👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀'.repeat(40)),
  'right-to-left text': all('חדשות על מסדי נתונים وأخبار قواعد البيانات '.repeat(5)),
  'signs that turn the direction': all('invoice \u202egpj.exe\u202c \u2067x\u2069 \u200fend'),
  'control characters': all('a\u0000b\u0007c\u001b[31md\u007fe\u009bf\ufffeg'),
  'halves of characters': all('a\ud83d b\udc00 \ud800'),
  'words without an end': all('x'.repeat(5000)),
  'words of wide characters without an end': all('漢字'.repeat(2500)),
  'dots at the start of lines': all('.\r\n..\r\n.\r\nQUIT\r\n'),
  'a boundary': all('--_----_NmP-x-Part_1\r\n------=_Part\r\n--\r\nContent-Type: text/html'),
  markup: all('</title></p><img src=x onerror=alert(1)><!-- &amp; &#0; ]]> <style>*{display:none}'),
  'spaces of all kinds': all('\u00a0\u200b\u2003a\u3000 \t b\u00ad\ufeff'),
};
