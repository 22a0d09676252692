/** An element as xml2js gives it: its text alone, or with attributes (`$`) and children. */
export type XmlNode = string | ({ _?: string; $?: Record<string, string> } & XmlChildren);
interface XmlChildren {
  [child: string]: XmlNode[] | string | Record<string, string> | undefined;
}

/** All elements of a channel or item by name, in the order of the document. */
export type Elements = Record<string, XmlNode[] | undefined>;

/** The text of an element itself, trimmed. */
export function textOf(node: XmlNode | undefined): string {
  if (node === undefined) return '';
  return (typeof node === 'string' ? node : (node._ ?? '')).trim();
}

/** The text of an element as it stands. */
export function rawTextOf(node: XmlNode | undefined): string {
  if (node === undefined) return '';
  return typeof node === 'string' ? node : (node._ ?? '');
}

/** An attribute, trimmed; undefined when missing or empty. */
export function attributeOf(node: XmlNode | undefined, name: string): string | undefined {
  if (node === undefined || typeof node === 'string') return undefined;
  return node.$?.[name]?.trim() || undefined;
}

/** The first child element of a name. */
export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  if (node === undefined || typeof node === 'string') return undefined;
  const children = node[name];
  return Array.isArray(children) ? children[0] : undefined;
}
