/** A field of a header: its name in lower case, its value unfolded, and the lines it stands on. */
export interface RawField {
  name: string;
  value: string;
  lines: string[];
}

/** A message or a part of one as it stands on the wire; one character for each octet. */
export interface RawPart {
  fields: RawField[];
  /** Lines of the header that belong to no field. */
  strays: string[];
  body: string;
}

const FIELD = /^([\x21-\x39\x3b-\x7e]+):(.*)$/su;

/** Cuts a message (RFC 5322) or a body part (RFC 2045) into its fields and its body. */
export function cutPart(octets: string): RawPart {
  // A part may begin with its empty line: it has no fields.
  const end = octets.startsWith('\r\n') ? -2 : octets.indexOf('\r\n\r\n');
  const head = end < 0 ? (end === -2 ? '' : octets) : octets.slice(0, end);
  const part: RawPart = { fields: [], strays: [], body: end === -1 ? '' : octets.slice(end + 4) };
  for (const line of head === '' ? [] : head.split('\r\n')) {
    const field = part.fields.at(-1);
    const [, name, value] = FIELD.exec(line) ?? [];
    if (/^[ \t]/u.test(line) && field !== undefined) {
      field.value += line;
      field.lines.push(line);
    } else if (name !== undefined && value !== undefined) {
      part.fields.push({ name: name.toLowerCase(), value, lines: [line] });
    } else part.strays.push(line);
  }
  return part;
}

/** The values of all fields of a name, without the space around them. */
export const valuesOf = ({ fields }: RawPart, name: string): string[] =>
  fields.filter((field) => field.name === name).map(({ value }) => value.trim());

/** A parameter of Content-Type and its like (RFC 2045, 5.1). */
export function parameterOf(value: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]+))`, 'iu');
  const [, quoted, bare] = pattern.exec(value) ?? [];
  return quoted ?? bare;
}

/** The parts between the lines of a boundary (RFC 2046, 5.1.1); undefined where it does not end. */
export function cutMultipart(body: string, boundary: string): RawPart[] | undefined {
  const [, ...pieces] = `\r\n${body}`.split(`\r\n--${boundary}`);
  const last = pieces.pop();
  if (last === undefined || !/^--[ \t]*(\r\n|$)/u.test(last)) return undefined;
  return pieces.map((piece) => cutPart(piece.replace(/^[ \t]*\r\n/u, '')));
}

/** Octets of UTF-8 as text; undefined where they are none. */
export function readUtf8(octets: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(octets, 'latin1'));
  } catch {
    return undefined;
  }
}
