import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { decodeBytes } from '../../../lib/ingest/decode.ts';

const declared = (encoding: string, text: string) =>
  iconv.encode(`<?xml version="1.0" encoding="${encoding}"?><a>${text}</a>`, encoding);

describe('decoding', () => {
  test.each([
    ['windows-1251', 'Ядро'],
    ['koi8-r', 'Ядро'],
    ['gb2312', '内核'],
    ['shift_jis', 'カーネル'],
    ['euc-kr', '커널'],
    ['iso-8859-2', 'jądro'],
    ['win-1251', 'Ядро'],
  ])('a declaration of %s is believed', (encoding, text) => {
    expect(decodeBytes(declared(encoding, text), undefined).text).toContain(text);
  });

  test('HTTP wins over the declaration', () => {
    const bytes = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="iso-8859-2"?><a>'),
      iconv.encode('Ядро</a>', 'windows-1251'),
    ]);
    expect(decodeBytes(bytes, 'text/xml; charset="windows-1251"').text).toContain('Ядро');
  });

  test('a byte order mark wins over everything', () => {
    const bytes = iconv.encode('<a>Ядро</a>', 'utf16le', { addBOM: true });
    expect(decodeBytes(bytes, 'text/xml; charset=utf-8').text).toBe('<a>Ядро</a>');
  });

  test('wide encodings are seen without a mark', () => {
    expect(decodeBytes(iconv.encode('<?xml?><a>é</a>', 'utf16be'), undefined).text).toContain('é');
  });

  test('bytes that are not what they claim are read as windows-1252', () => {
    const bytes = Buffer.from('<a>K\xe4se \x93quoted\x94</a>', 'latin1');
    expect(decodeBytes(bytes, 'text/xml; charset=utf-8').text).toBe('<a>Käse “quoted”</a>');
  });

  test('UTF-8 that is called Latin is read as UTF-8', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>Käse</a>');
    expect(decodeBytes(bytes, undefined).text).toContain('Käse');
  });

  test('a scratch in UTF-8 does not turn the rest into another encoding', () => {
    const bytes = Buffer.concat([Buffer.from('Ядро '.repeat(100)), Buffer.from([0xff])]);
    expect(decodeBytes(bytes, undefined).text).toContain('Ядро');
  });

  test('any text survives UTF-8, whatever else is said', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const document = `<a>${text}</a>`;
        expect(decodeBytes(new TextEncoder().encode(document), undefined).text).toBe(document);
      }),
    );
  });

  test('no bytes and no label make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, label) => {
        expect(typeof decodeBytes(bytes, `text/xml; charset=${label}`).text).toBe('string');
      }),
    );
  });
});
