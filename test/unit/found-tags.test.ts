import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FOUND_TAGS_MAX,
  findTags,
  type KnownTag,
  possibleSlugs,
  readWords,
} from '../../lib/model/found-tags.ts';
import { tagSlug } from '../../lib/model/tag.ts';

const NAMES = `Go, Rust, make, C, C++, C#, .NET, Linux, Kernel, Amazon, Amazon Web Services, R&D,
  Kubernetes, Node.js, TCP/IP, AI, Machine learning, Security, 日本語, Сети, Café`
  .split(',')
  .map((name) => name.trim());

const knownTags = (names: string[]) =>
  new Map(
    names.map((name, id): [string, KnownTag] => [tagSlug(name), { id, slug: tagSlug(name), name }]),
  );
const KNOWN = knownTags(NAMES);

function found(title: string, text = '', language: string | null = null): string[] {
  const words = readWords({ title, text, language }, new Map());
  return findTags(words, KNOWN).map(({ name }) => name);
}

describe('tags found in a post', () => {
  test('once in the title is enough, in the text it takes twice', () => {
    expect(found('A kernel for toasters')).toEqual(['Kernel']);
    expect(found('Toasters', 'A kernel for them.')).toEqual([]);
    expect(found('Toasters', 'A kernel for them.\nThat Kernel is small.')).toEqual(['Kernel']);
  });

  test('names with signs are met as they are', () => {
    expect(found('We ported C++ to C#, then (.NET)')).toEqual(['C++', 'C#', '.NET']);
    expect(found('A look at R&D')).toEqual(['R&D']);
    expect(found('Talking TCP/IP in Node.js.')).toEqual(['TCP/IP', 'Node.js']);
    expect(found('toasters', 'C++, c++ and “C++”')).toEqual(['C++']);
  });

  test('words are whole, also in compounds and with an apostrophe', () => {
    expect(found('Linux-based toasters, Kubernetes’s and securityless ones')).toEqual([
      'Linux',
      'Kubernetes',
    ]);
    expect(found('Der Ausfall im café')).toEqual(['Café']);
    expect(found('Что такое сети')).toEqual(['Сети']);
  });

  test('the longest name counts, and not its parts', () => {
    expect(found('A year with amazon web services')).toEqual(['Amazon Web Services']);
  });

  test('no name reaches over a full stop, a comma or a line', () => {
    expect(found('Machine. Learning', 'machine, learning\nmachine\nlearning')).toEqual([]);
  });

  test('addresses and people’s handles hold no names', () => {
    expect(
      found('See https://kubernetes.example/linux and mail linux@kernel.example, @linux'),
    ).toEqual([]);
  });

  test('everyday words count only as the tag is written', () => {
    expect(found('Why we chose Go over the rest')).toEqual(['Go']);
    expect(found('Why we let it go')).toEqual([]);
    expect(found('toasters', 'We make it with Make, that is to say: with Make.')).toEqual(['make']);
    expect(found('toasters', 'We make do and make things.')).toEqual([]);
    expect(found('What AI is for')).toEqual(['AI']);
  });

  test('a capital that grammar asks for says nothing', () => {
    expect(found('Go is what we do')).toEqual([]);
    expect(found('toasters', 'Go away. Go home! “Go on.”\nGo.')).toEqual([]);
    expect(found('How To Let Things Go When Everything Goes Wrong')).toEqual([]);
    expect(found('WHY WE LET GO OF EVERYTHING')).toEqual([]);
    expect(found('Der ewige Rust am alten Auto', 'Der Rust, der Rust.', 'de')).toEqual([]);
  });

  test('those of the title come first, then the longer, then the more frequent', () => {
    const text = `Security and machine learning. Security, machine learning and security.
      Kubernetes, Kubernetes and more Kubernetes and Kubernetes.`;
    expect(found('All about Linux', text)).toEqual([
      'Linux',
      'Machine learning',
      'Kubernetes',
      'Security',
    ]);
  });

  const words = fc.array(
    fc.oneof(
      fc.constantFrom(...NAMES, 'the', 'and', '.', ',', '\n'),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 60 },
  );

  test('are known, at most five, each once, whatever the text is', () => {
    fc.assert(
      fc.property(words, words, (title, text) => {
        const tags = found(title.join(' '), text.join(' '));
        expect(tags.length).toBeLessThanOrEqual(FOUND_TAGS_MAX);
        expect(new Set(tags).size).toBe(tags.length);
        expect(NAMES).toEqual(expect.arrayContaining(tags));
      }),
    );
  });

  test('are always among the slugs that are looked up', () => {
    fc.assert(
      fc.property(words, (text) => {
        const read = readWords({ title: '', text: text.join(' '), language: null }, new Map());
        const slugs = possibleSlugs(read);
        for (const { slug } of findTags(read, KNOWN)) expect(slugs).toContain(slug);
      }),
    );
  });

  const name = fc
    .array(fc.stringMatching(/^[a-z]{4,9}$/u), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(' '));

  test('any name of one to four words is found where it stands, and not in a longer word', () => {
    fc.assert(
      fc.property(name, (text) => {
        const known = knownTags([text]);
        const read = (title: string) => readWords({ title, text: '', language: null }, new Map());
        const isEveryday = findTags(read(`zzzz ${text}`), known).length === 0;
        fc.pre(!isEveryday);
        expect(findTags(read(`Zzzz, ${text.toUpperCase()}!`), known)).toHaveLength(1);
        expect(findTags(read(`zzzz ${text}zzz`), known)).toHaveLength(0);
      }),
    );
  });

  test('a long text is read to its limit only', () => {
    const text = `${'toast '.repeat(2_000)}kernel kernel`;
    expect(found('Toasters', text)).toEqual([]);
  });
});
