import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ROOT } from '../../lib/config.ts';

// Words that say nothing, or everything, may name nothing here. ARCHITECTURE.md, Words.

const FOLDERS = ['app', 'bin', 'lib', 'workers'];
const EMPTY_WORDS = new Set(
  'util utils helper helpers misc handle handler handlers handling manage manager managers'.split(
    ' ',
  ),
);
/** As a verb it says no more than "do"; as a noun it is one of the system's. */
const EMPTY_VERB = 'process';

/** Names that others have given to what is theirs, and why ours must be the same. */
const FORCED = new Map([
  ['lib/serve/next-use-cache.ts handler', 'what Next calls the object that it asks for'],
  ['lib/serve/next-use-cache.ts createDefaultCacheHandler', 'a function of Next’s'],
  ['lib/embedded/mail-pages.ts handle', 'what Node calls an open file'],
]);
/** A page of alerts bears this word in its address, which does not change any more. */
const OF_THE_MANAGE_PAGE =
  /(^|\/)alerts\/manage(\/|$)|^manage(Address|Link|Page|Path|Token|Url)$/iu;

const wordsOf = (name: string) =>
  name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');

const isEmpty = (name: string) =>
  wordsOf(name).some((word) => EMPTY_WORDS.has(word)) && !OF_THE_MANAGE_PAGE.test(name);

const files = FOLDERS.flatMap((folder) =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.posix.join(folder, file.replaceAll('\\', '/'))),
).filter((file) => !file.startsWith('lib/generated'));
const sources = files.filter((file) => /\.(tsx?|mjs)$/u.test(file));

interface Declared {
  name: string;
  isFunction: boolean;
}

const isFunctionLike = (node: ts.Node | undefined) =>
  node !== undefined &&
  (ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node));

/** Every name that a file declares: functions, values, types, parameters, members of types. */
function declaredIn(source: string, text: string): Declared[] {
  const found: Declared[] = [];
  const visit = (node: ts.Node): void => {
    const named = node as ts.Node & { name?: ts.Node; initializer?: ts.Node };
    // A property of an object literal may have its name from the one who asks for it.
    const isDeclaration =
      ts.isFunctionLike(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node);
    if (isDeclaration && named.name !== undefined && ts.isIdentifier(named.name)) {
      const isFunction = isFunctionLike(node) || isFunctionLike(named.initializer);
      found.push({ name: named.name.text, isFunction });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(source, text, ts.ScriptTarget.Latest, false));
  return found;
}

const emptyNames = (source: string, text: string) =>
  declaredIn(source, text)
    .filter(({ name, isFunction }) => {
      return isEmpty(name) || (isFunction && wordsOf(name)[0] === EMPTY_VERB);
    })
    .map(({ name }) => `${source} ${name}`)
    .filter((place) => !FORCED.has(place));

test('no file or folder has a name that says nothing', () => {
  expect(files.length).toBeGreaterThan(200);
  expect(files.filter(isEmpty)).toEqual([]);
});

test('nothing that is declared has a name that says nothing', () => {
  const found = sources.flatMap((source) =>
    emptyNames(source, fs.readFileSync(path.join(ROOT, source), 'utf8')),
  );
  expect(found).toEqual([]);
});

test('the check sees such names wherever they are declared', () => {
  const text = `
    export const processFeed = async () => {};
    function handleError(feedManager: string) {}
    class PostHelper { misc = 1; utils() {} }
    interface Wish { handle: number }
    const { a: dateUtil } = b;
    const serverProcess = 1, processId = 2, candle = 3;`;
  expect(emptyNames('x.ts', text).map((place) => place.slice('x.ts '.length))).toEqual([
    'processFeed',
    'handleError',
    'feedManager',
    'PostHelper',
    'misc',
    'utils',
    'handle',
    'dateUtil',
  ]);
});
