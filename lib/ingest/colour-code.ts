import { decodeHTML } from 'entities';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import clojure from 'highlight.js/lib/languages/clojure';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import elixir from 'highlight.js/lib/languages/elixir';
import erlang from 'highlight.js/lib/languages/erlang';
import go from 'highlight.js/lib/languages/go';
import haskell from 'highlight.js/lib/languages/haskell';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import lua from 'highlight.js/lib/languages/lua';
import makefile from 'highlight.js/lib/languages/makefile';
import nginx from 'highlight.js/lib/languages/nginx';
import nix from 'highlight.js/lib/languages/nix';
import perl from 'highlight.js/lib/languages/perl';
import php from 'highlight.js/lib/languages/php';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import r from 'highlight.js/lib/languages/r';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import scala from 'highlight.js/lib/languages/scala';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const LANGUAGES = {
  bash,
  c,
  clojure,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  elixir,
  erlang,
  go,
  haskell,
  ini,
  java,
  javascript,
  json,
  kotlin,
  lua,
  makefile,
  nginx,
  nix,
  perl,
  php,
  powershell,
  python,
  r,
  ruby,
  rust,
  scala,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
// A grammar that meets what it did not expect shows less colour, and nothing else.
hljs.configure({ throwUnescapedHTML: false });

/** Longer ones are files, and are looked at for their length. */
const COLOURED_CHARACTERS_MAX = 30_000;
/** Languages that are told apart by their look, in texts that name none. */
const GUESSED = ['c', 'diff', 'go', 'java', 'javascript', 'json', 'python', 'rust', 'sql', 'xml'];
/** How sure highlight.js must be, and how much surer than of the next. */
const GUESS_RELEVANCE_MIN = 12;
const GUESS_LEAD_MIN = 5;

/** The few kinds that have a colour: highlight.js' scopes by their first word. */
const KINDS: Record<string, string> = {
  keyword: 'k',
  built_in: 'k',
  literal: 'n',
  number: 'n',
  symbol: 'n',
  string: 's',
  regexp: 's',
  char: 's',
  comment: 'c',
  quote: 'c',
  doctag: 'c',
  meta: 'm',
  title: 't',
  section: 't',
  type: 't',
  name: 'k',
  'selector-tag': 'k',
  attr: 'a',
  attribute: 'a',
  property: 'a',
  variable: 'a',
  'template-variable': 'a',
  addition: 'add',
  deletion: 'del',
};

export interface ColouredCode {
  /** Escaped text with `<span class="h-…">` around what has a colour. */
  html: string;
  /** As people write it: `Python`; undefined when none was named or seen. */
  language: string | undefined;
}

/** Leaves of highlight.js' spans those that have a colour here, with our names. */
function ourSpans(html: string): string {
  const open: boolean[] = [];
  return html.replace(/<span class="([^"]*)">|<\/span>/gu, (tag, classes?: string) => {
    if (tag === '</span>') return open.pop() ? '</span>' : '';
    const scope = /hljs-([\w-]+)/u.exec(classes ?? '')?.[1] ?? '';
    const kind = KINDS[scope];
    open.push(kind !== undefined);
    return kind === undefined ? '' : `<span class="h-${kind}">`;
  });
}

function guess(code: string) {
  const found = hljs.highlightAuto(code, GUESSED);
  const lead = found.relevance - (found.secondBest?.relevance ?? 0);
  const isSure = found.relevance >= GUESS_RELEVANCE_MIN && lead >= GUESS_LEAD_MIN;
  return isSure ? found : undefined;
}

/**
 * Code with syntax colours. @param named the language as an author wrote it (`js`, `language-go`);
 * undefined: it is guessed, where it is plain to see. @param html escaped text without elements.
 */
export function colourCode(html: string, named: string | undefined): ColouredCode {
  const code = decodeHTML(html);
  const name = named?.toLowerCase();
  const isKnown = name !== undefined && hljs.getLanguage(name) !== undefined;
  if (code.length > COLOURED_CHARACTERS_MAX || (name !== undefined && !isKnown)) {
    return { html, language: undefined };
  }
  const found = isKnown
    ? hljs.highlight(code, { language: name, ignoreIllegals: true })
    : guess(code);
  if (found === undefined) return { html, language: undefined };
  // The first name of a grammar is how people write it: "HTML, XML".
  const language = hljs.getLanguage(found.language ?? '')?.name?.split(',')[0];
  return { html: ourSpans(found.value), language };
}
