import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Notice, writeNotice } from '../../lib/model/notice.ts';

const notice = (url: string): Notice => ({
  id: 1,
  kind: 'failing',
  data: { title: 'Pond News', url, since: '2026-01-01T00:00:00Z', error: 'no' },
  createdAt: '2026-03-02T00:00:00Z',
  endedAt: null,
  mailedAt: null,
});

const commandFor = (url: string) => writeNotice(notice(url), (iso) => iso).commands[0] ?? '';

test('an address in a command is one word for the shell, whatever its publisher put in', () => {
  const parts = fc.constantFrom("'", '"', ';', '&', '|', '$(id)', '`id`', ' ', '\\', '\n', 'a');
  fc.assert(
    // One shell for many addresses: starting one takes longer than all else.
    fc.property(fc.array(fc.array(parts, { maxLength: 12 }), { minLength: 50 }), (paths) => {
      const urls = paths.map((path) => `https://evil.example/${path.join('')}`);
      const print = "printf '%s\\0'";
      const script = urls.map((url) => commandFor(url).replace('bin/tagwire feeds remove', print));
      const printed = execFileSync('sh', ['-c', script.join('\n')], { encoding: 'utf8' });
      expect(printed.split('\0').slice(0, -1)).toEqual(urls);
    }),
    { numRuns: 5 },
  );
});
