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
    fc.property(fc.array(parts, { maxLength: 12 }), (path) => {
      const url = `https://evil.example/${path.join('')}`;
      const command = commandFor(url).replace('bin/tagwire feeds remove', "printf '%s\\0'");
      expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(`${url}\0`);
    }),
    { numRuns: 30 },
  );
});
