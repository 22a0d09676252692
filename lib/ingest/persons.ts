import type { AuthorName } from '../model/feed.ts';
import { AUTHOR_CHARACTERS_MAX } from './limits.ts';
import { oneLine } from './plain-text.ts';
import { titleText } from './texts.ts';
import { childOf, textOf, type XmlNode } from './xml-node.ts';

const EMAIL = /[^\s<>()@,;:"]{1,64}@[^\s<>()@,;:"]{1,190}/u;

const cut = (text: string) => oneLine(text).slice(0, AUTHOR_CHARACTERS_MAX);

/**
 * Reads one author as RSS writes them: a name, `ada@example.org (Ada)`, `Ada <ada@example.org>`.
 * Only the name is for readers; where there is none, the address has to be it.
 */
export function readAuthor(written: string): AuthorName | undefined {
  const text = titleText(written, 'ambiguous');
  if (text === '') return undefined;
  const email = EMAIL.exec(text)?.[0].replace(/^mailto:/iu, '');
  if (email === undefined) return { name: cut(text) };
  const rest = oneLine(text.replace(EMAIL, ' ').replace(/mailto:/iu, ' '));
  const name = oneLine(rest.replace(/[<([]\s*[>)\]]/gu, ' ')).replace(
    /^[\s(<[,-]+|[\s)>\],-]+$/gu,
    '',
  );
  return { name: cut(name || email), email: email.slice(0, AUTHOR_CHARACTERS_MAX) };
}

function readPerson(node: XmlNode): AuthorName | undefined {
  const child = (name: string) => textOf(childOf(node, name)) || undefined;
  const [name, email, uri] = [child('name'), child('email'), child('uri')];
  const said = name ?? (textOf(node) || undefined) ?? email ?? uri;
  const author = said === undefined ? undefined : readAuthor(said);
  if (author === undefined) return undefined;
  return {
    ...author,
    ...(email === undefined ? {} : { email: email.slice(0, AUTHOR_CHARACTERS_MAX) }),
    ...(uri === undefined ? {} : { uri: uri.slice(0, AUTHOR_CHARACTERS_MAX) }),
  };
}

/** Persons as Atom (RFC 4287, section 3.2) or RSS write them. */
export function readPersons(nodes: XmlNode[] | undefined): AuthorName[] {
  return (nodes ?? []).map(readPerson).filter((person) => person !== undefined);
}
