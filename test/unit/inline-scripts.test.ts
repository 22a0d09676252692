import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vouchForScripts } from '../../lib/serve/inline-scripts.ts';
import { readReactRuntime } from '../../lib/serve/trusted-scripts.ts';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const reactRuntime = readReactRuntime();
const vouch = (page: string, own: string[] = []) =>
  vouchForScripts(page, { own: new Set(own), reactRuntime });
const START = '(self.__next_f=self.__next_f||[]).push([0])';
const push = (text: string) => `self.__next_f.push([1,${JSON.stringify(text)}])`;

describe('inline scripts', () => {
  test('data for Next is vouched for, neighbours joined into one', () => {
    const page = `<p>x</p><script>${START}</script><script>${push('a;b')}</script><p>y</p>`;
    const joined = `${START};${push('a;b')}`;
    expect(vouch(page)).toEqual({
      html: `<p>x</p><script>${joined}</script><p>y</p>`,
      hashes: [hash(joined)],
      refused: 0,
    });
  });

  test('a script that slipped into a post is not vouched for, whatever it looks like', () => {
    for (const script of [
      'alert(1)',
      'self.__next_f.push([1,"x"]);alert(1)',
      'self.__next_f.push([1,alert(1)])',
      '$RC("B:0","S:0");alert(1)',
      '$RC("B:0",alert(1))',
      '$RC("B:0");alert("S:0")',
      '(globalThis["TURBOPACK"] || (globalThis["TURBOPACK"] = [])).push({"otherChunks":["../evil.js"],"runtimeModuleIds":[1]})',
    ]) {
      const page = `<script>${script}</script>`;
      expect(vouch(page)).toEqual({ html: page, hashes: [], refused: 1 });
    }
  });

  test('React’s runtime is vouched for in the version that is installed', () => {
    const complete = reactRuntime.find((piece) => piece.startsWith('$RB=[]'));
    for (const script of [
      'requestAnimationFrame(function(){$RT=performance.now()});',
      `${complete}$RC("B:0","S:0")`,
      '$RC("B:1","S:1")',
      '(globalThis["TURBOPACK"] || (globalThis["TURBOPACK"] = [])).push({"otherChunks":["static/chunks/0j1we-3c_wg~1.js"],"runtimeModuleIds":[94553]});',
    ]) {
      expect(vouch(`<script id="_R_">${script}</script>`)).toMatchObject({ refused: 0 });
    }
  });

  test('our own scripts are trusted by their text', () => {
    const page = '<script>document.documentElement.dataset.js=""</script>';
    expect(vouch(page, ['document.documentElement.dataset.js=""']).refused).toBe(0);
  });

  test('scripts with an address and JSON-LD need no hash', () => {
    const page =
      '<script src="/_next/static/a.js" async=""></script>' +
      '<script type="application/ld+json">{"a":1}</script>';
    expect(vouch(page)).toEqual({ html: page, hashes: [], refused: 0 });
  });

  test('a page without scripts stays as it is, and all data is hashed as it is sent', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (texts, between) => {
        const clean = (text: string) => JSON.stringify(text).replaceAll('<', '\\u003c');
        const prose = between.replaceAll('<', '&lt;');
        const page = texts
          .map((text) => `<script>self.__next_f.push([1,${clean(text)}])</script>${prose}`)
          .join('');
        const { html, hashes, refused } = vouch(page);
        expect(refused).toBe(0);
        const sent = [...html.matchAll(/<script>([\s\S]*?)<\/script>/gu)].map((m) =>
          hash(m[1] ?? ''),
        );
        expect(new Set(hashes)).toEqual(new Set(sent));
      }),
    );
  });
});
