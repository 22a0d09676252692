import fs from 'node:fs';
import path from 'node:path';

// The sample sources are text files: a head of `name: value` lines, then their posts, each with
// a head of its own and its HTML, all parted by lines of `===`.

const FOLDER = path.join(import.meta.dirname, 'samples');

export interface SamplePost {
  title: string;
  /** Address below the source's own; may lead to another source's post. */
  slug: string;
  /** Days before now that it was published, and updated. */
  days: number;
  updatedDays: number | undefined;
  author: string;
  tags: string[];
  html: string;
}

type SampleFormat = 'rss' | 'rss-1251' | 'rdf' | 'atom-html' | 'atom-xhtml' | 'json';

export interface SampleSource {
  /** Also the name of its file. */
  name: string;
  title: string;
  /** Path of its site, with slashes at both ends. */
  site: string;
  description: string;
  format: SampleFormat;
  language: string;
  posts: SamplePost[];
}

function readBlock(block: string): { head: Map<string, string>; rest: string } {
  const [top = '', ...rest] = block.split('\n---\n');
  const head = new Map(
    top
      .split('\n')
      .map((line) => /^(\w+): ?(.*)$/u.exec(line))
      .flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : [])),
  );
  return { head, rest: rest.join('\n---\n').trim() };
}

function readPost(block: string): SamplePost {
  const { head, rest } = readBlock(block);
  const updated = head.get('updated');
  return {
    title: head.get('title') ?? '',
    slug: head.get('slug') ?? '',
    days: Number(head.get('days')),
    updatedDays: updated === undefined ? undefined : Number(updated),
    author: head.get('author') ?? '',
    tags: (head.get('tags') ?? '').split(',').map((tag) => tag.trim()),
    html: rest,
  };
}

/** The sample sources with their posts, newest first. */
export function readSamples(): SampleSource[] {
  return fs
    .readdirSync(FOLDER)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => {
      const text = fs.readFileSync(path.join(FOLDER, file), 'utf8');
      const [top = '', ...blocks] = text.split(/^===$/mu).map((block) => block.trim());
      const { head } = readBlock(top);
      return {
        name: file.replace(/\.txt$/u, ''),
        title: head.get('title') ?? '',
        site: head.get('site') ?? '/',
        description: head.get('description') ?? '',
        format: (head.get('format') ?? 'rss') as SampleFormat,
        language: head.get('language') ?? 'en',
        posts: blocks
          .filter((block) => block !== '')
          .map(readPost)
          .sort((a, b) => a.days - b.days),
      };
    });
}

/** A picture of the samples by its file name; undefined when there is none. */
export function readPicture(name: string): Buffer | undefined {
  if (!/^[a-z-]+\.png$/u.test(name)) return undefined;
  const file = path.join(FOLDER, 'pictures', name);
  return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
}
