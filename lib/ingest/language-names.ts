// Languages of code as people write them, by the names that authors give their tools.

const NAMES = new Map(
  `
  Ada: ada | AppleScript: applescript | Assembly: asm assembly nasm x86asm armasm | Astro: astro
  Awk: awk gawk | Bash: bash | Batch: bat batch cmd dos | Bicep: bicep | C: c h | C#: c# cs csharp
  C++: c++ cc cpp cxx hpp | Clojure: clj clojure cljs edn | CMake: cmake | COBOL: cobol
  Common Lisp: common-lisp commonlisp | Crystal: crystal | CSS: css | CSV: csv | CUE: cue
  CUDA: cuda | D: d dlang | Dart: dart | Diff: diff patch udiff | Dockerfile: docker dockerfile
  Elixir: elixir ex exs | Elm: elm | Emacs Lisp: elisp emacs-lisp | Erlang: erl erlang
  F#: f# fs fsharp | Fish: fish | Fortran: f90 fortran | Gleam: gleam | GLSL: glsl | Go: go golang
  GraphQL: gql graphql | Groovy: gradle groovy | Handlebars: handlebars hbs | Haskell: haskell hs
  HCL: hcl | HTML: html xhtml | HTTP: http | INI: cfg dosini ini | Java: java
  JavaScript: javascript js mjs cjs | Jinja: jinja jinja2 | JSON: json json5 jsonc jsonl
  JSX: jsx | Julia: jl julia | Kotlin: kotlin kt kts | LaTeX: latex | Less: less
  Liquid: liquid | Lisp: lisp | LLVM: llvm | Lua: lua | Makefile: make makefile mk | Markdown: markdown md
  MATLAB: matlab | Mermaid: mermaid | Nginx: nginx nginxconf | Nim: nim | Nix: nix | Objective-C: objc objective-c objective_c objectivec
  OCaml: ml ocaml | Odin: odin | Pascal: delphi pascal | Perl: perl pl | PHP: php
  PL/pgSQL: plpgsql | PowerShell: posh powershell ps1 pwsh | Prolog: prolog | PromQL: promql
  Properties: properties | Protocol Buffers: proto protobuf | Puppet: puppet | PureScript: purescript
  Python: py python python3 py3 pycon | R: r | Racket: racket | Raku: raku | Regular expression: regex regexp
  reStructuredText: rest rst | Ruby: rb ruby | Rust: rs rust | Sass: sass | Scala: scala
  Scheme: scheme scm | SCSS: scss | Shell: sh shell zsh | Shell session: console sh-session shell-session shellsession
  Smalltalk: smalltalk | Solidity: solidity | SPARQL: sparql | SQL: mysql pgsql postgres postgresql psql sql sqlite tsql
  Starlark: bazel starlark | Svelte: svelte | SVG: svg | Swift: swift | systemd: systemd | Tcl: tcl
  Terraform: terraform tf | TeX: tex | TOML: toml | TSX: tsx | Twig: twig | TypeScript: ts typescript mts
  Typst: typst | V: vlang | Verilog: systemverilog verilog | VHDL: vhdl | Vim script: vim viml vimscript
  Visual Basic: vb vba vbnet | Vue: vue | WebAssembly: wasm wast wat | WGSL: wgsl | XML: rss xml xsl xslt
  YAML: yaml yml | Zig: zig
  `
    .trim()
    .split(/\s*[|\n]\s*/u)
    .flatMap((entry) => {
      const [name = '', aliases = ''] = entry.split(': ');
      return aliases.split(' ').map((alias): [string, string] => [alias, name]);
    }),
);

/** @param given as an author named the language, `language-` taken away; undefined: none known. */
export const languageName = (given: string | undefined): string | undefined =>
  given === undefined ? undefined : NAMES.get(given.toLowerCase());
