/** A value of JSON with the place where it begins, in UTF-16 units from the start of the text. */
export type JsonNode = { at: number } & (
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'list'; items: JsonNode[] }
  | { kind: 'object'; members: { name: string; at: number; value: JsonNode }[] }
);

/** What is wrong with a text, and where. */
export interface Fault {
  message: string;
  at: number;
}

/** Deeper ones have no meaning here, and each level takes a frame of the stack. */
const DEPTH_MAX = 12;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

class Unreadable extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** One pass over a text (RFC 8259). JSON.parse gives no places, and takes names that come twice. */
class Reader {
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonNode {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('There is more after the end of the policy.');
    return value;
  }

  #fail(message: string, at = this.#at): never {
    throw new Unreadable(message, at);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #takes(sign: string): boolean {
    this.#space();
    const isThere = this.#text[this.#at] === sign;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #value(depth: number): JsonNode {
    this.#space();
    const at = this.#at;
    if (depth > DEPTH_MAX) this.#fail(`Brackets go deeper than ${DEPTH_MAX} levels.`);
    if (this.#takes('{')) return { kind: 'object', at, members: this.#members(depth) };
    if (this.#takes('[')) return { kind: 'list', at, items: this.#items(depth) };
    const literal = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(WORD);
    if (literal !== undefined) return { kind: 'literal', at, value: JSON.parse(literal) };
    if (at === this.#text.length) this.#fail('The policy breaks off here.');
    return this.#fail(
      this.#text[at] === '"'
        ? 'This text does not end, or has a character that JSON wants written with a \\.'
        : 'A value is expected here: a "text", a number, true, false, null, [ or {.',
    );
  }

  #items(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    if (this.#takes(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#takes(','));
    if (!this.#takes(']')) this.#fail('A comma or ] is expected here.');
    return items;
  }

  #members(depth: number) {
    const members: { name: string; at: number; value: JsonNode }[] = [];
    if (this.#takes('}')) return members;
    do {
      this.#space();
      const at = this.#at;
      const written = this.#match(STRING);
      if (written === undefined) this.#fail('A name in double quotes is expected here.');
      const name: string = JSON.parse(written);
      if (members.some((other) => other.name === name)) {
        this.#fail(`“${name}” stands here twice; put all its values into one list.`, at);
      }
      if (!this.#takes(':')) this.#fail(`A colon is expected after “${name}”.`);
      members.push({ name, at, value: this.#value(depth + 1) });
    } while (this.#takes(','));
    if (!this.#takes('}')) this.#fail('A comma or } is expected here.');
    return members;
  }
}

/** Reads JSON with places. The first fault ends it. */
export function readJson(text: string): JsonNode | { kind: 'invalid'; fault: Fault } {
  try {
    return new Reader(text).read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'invalid', fault: { message: error.message, at: error.at } };
  }
}
