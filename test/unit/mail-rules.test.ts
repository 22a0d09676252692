import { describe, expect, test } from 'vitest';
import { mailFaults } from '../support/mail-rules.ts';

// The rules that raw-mails.test.ts holds our mails to must find what is wrong.

const GOOD = [
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example; s=tagwire;',
  ' h=From:To:Subject:Date:Message-ID:In-Reply-To:MIME-Version:Content-Type:',
  ' Auto-Submitted:List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID;',
  ' bh=aGFzaA==; b=c2ln',
  'From: =?utf-8?Q?T=C3=A4gwire?= <alerts@news.example>',
  'To: reader@example.org',
  'Subject: =?utf-8?B?TsO8bWE=?= and a long line that goes on,',
  ' and on',
  'Date: Wed, 20 May 2026 08:30:00 +0000',
  'Message-ID: <alert-1-2@news.example>',
  'In-Reply-To: <alert-1@news.example>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary="--_part"',
  'Auto-Submitted: auto-generated',
  'List-Id: <alert-1.news.example>',
  'List-Unsubscribe: <https://news.example/u/1>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'Feedback-ID: alert-1:instant:alerts:news-example',
  '',
  '----_part',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'N=C3=BCma, a line that goes on =',
  'here',
  '----_part',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  'PHA+TsO8bWE8L3A+',
  '----_part--',
  '',
].join('\r\n');

const faultsOf = (text: string) => mailFaults(Buffer.from(text, 'latin1'));

test('a good mail has no faults', () => {
  expect(faultsOf(GOOD)).toEqual([]);
});

describe('a mail is found out', () => {
  test.each([
    ['5322 2.3', 'a line that ends in LF alone', 'N=C3=BCma,', 'N=C3=BCma,\n'],
    ['5322 2.3', 'a CR on its own', 'N=C3=BCma,', 'N\rma,'],
    ['5322 4', 'an octet of zero', 'N=C3=BCma,', '\0'],
    ['5322 2.3', 'an end without a line end', '_part--\r\n', '_part--'],
    ['5322 2.1.1', 'a line of 999 octets', 'and on\r\n', `${'x'.repeat(998)}\r\n`],
    ['bcc is no field', 'a field of somebody else', 'To: r', 'Bcc: all@example.org\r\nTo: r'],
    ['5322 2.2', 'a line that is no field', 'To: r', 'once upon a time\r\nTo: r'],
    ['5322 2.2', 'letters beyond ASCII in its header', 'and on\r\n', 'n\xc3\xbcma\r\n'],
    ['5322 3.2.2', 'a folded line of spaces', ' and on', '  \r\n and on'],
    ['5322 3.6: subject stands there twice', 'two subjects', 'Date: W', 'Subject: x\r\nDate: W'],
    ['5322 3.6: date is missing', 'no date', /Date: .*\r\n/u, ''],
    ['5322 3.6: auto-submitted is missing', 'no Auto-Submitted', /Auto-Submitted: .*\r\n/u, ''],
    ['5322 3.3', 'a wrong day of the week', 'Wed, 20', 'Thu, 20'],
    ['5322 3.3', 'a date that is none', '20 May', '32 May'],
    ['5322 3.3', 'a zone by name', '08:30:00 +0000', '08:30:00 GMT'],
    ['5322 3.6.4', 'a Message-ID without brackets', '<alert-1-2@news.example>', 'a@news.example'],
    ['5322 3.6.4', 'a Message-ID with a space', '<alert-1-2@', '<alert 1@'],
    ['5322 3.6.4', 'a reply to nothing', '<alert-1@news.example>', 'alert 1'],
    ['5322 3.6.2', 'a sender without an address', '<alerts@news.example>', '<alerts>'],
    ['5322 3.6.3', 'two receivers', 'To: reader', 'To: a@example.org, reader'],
    ['2047 2', 'a long encoded word', 'TsO8bWE=?= and', `${'YWFh'.repeat(20)}?= and`],
    ['2047 2', 'a long line with an encoded word', 'and a long', `and ${'x'.repeat(40)} a long`],
    ['2047 5', 'an encoded word within another', '?= and', '?=and'],
    ['2047 5', 'an encoded word in quotation marks', /=\?utf-8\?Q\?(\S+)/u, '"=?utf-8?Q?$1"'],
    ['2047 5', 'half a character in an encoded word', 'TsO8bWE=', 'TsM='],
    ['2047 5', 'a line end in an encoded word', 'TsO8bWE=', 'DQo='],
    ['2047 3', 'another charset', '=?utf-8?B?', '=?iso-8859-1?B?'],
    ['2045 4', 'another version of MIME', 'MIME-Version: 1.0', 'MIME-Version: 1'],
    ['2046 5.1.1', 'a boundary that does not end', '_part--', '_part'],
    ['2046 5.1.4', 'HTML before text', 'text/plain', 'text/html'],
    ['2046 5.1.4', 'one part only', 'multipart/alternative', 'multipart/mixed'],
    ['2046 4.1.2', 'a part without a charset', 'plain; charset=utf-8', 'plain'],
    ['2046 4.1.2', 'a part that is no UTF-8', 'N=C3=BCma', 'N=FCma'],
    ['2045 6.7 (1)', 'a sign that is not written out', 'N=C3=BCma', 'N=C3=bcma'],
    ['2045 6.7 (3)', 'a space at the end of a line', 'here\r\n', 'here \r\n'],
    ['2045 6.7 (5)', 'a long line of quoted-printable', 'here', 'h'.repeat(77)],
    ['2045 6.8', 'base64 that breaks off', 'PHA+TsO8', 'PHA+TsO'],
    ['2045 6.1', 'an encoding of 8 bits', 'quoted-printable', '8bit'],
    ['2045 2.7', '7 bits that are 8', 'quoted-printable\r\n\r\n', '7bit\r\n\r\n\xfc'],
    ['a control character', 'a bell', 'here', '=07'],
    ['2919 3', 'a List-Id without a dot', '<alert-1.news.example>', '<alerts>'],
    ['2919 3', 'a long List-Id', '<alert-1.', `<${'a'.repeat(250)}.`],
    ['2369 2', 'an address without brackets', '<https://news.example/u/1>', 'https://x.example'],
    [
      '8058 3.1',
      'unsubscription by mail alone',
      '<https://news.example/u/1>',
      '<mailto:a@b.example>',
    ],
    ['8058 3.1', 'no List-Unsubscribe-Post', /List-Unsubscribe-Post: .*\r\n/u, ''],
    ['8058 3.1', 'another value of it', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=Yes'],
    [
      '6376 5.4: list-unsubscribe-post',
      'an unsigned header',
      'List-Unsubscribe-Post:Feedback',
      'Feedback',
    ],
    ['6376 3.5', 'a signature without a hash', ' bh=aGFzaA==;', ''],
    ['3834 5', 'no word that it is automatic', 'auto-generated', 'no'],
    ['Feedback-ID', 'a Feedback-ID without a sender', ':alerts:news-example', ':alerts:'],
  ] as const)('%s: %s', (rule, _, from, to) => {
    const bad = GOOD.replace(from, to);
    expect(bad).not.toBe(GOOD);
    expect(faultsOf(bad).join('\n')).toContain(rule);
  });
});
