/** Of JSON Schema, what we use. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}
/** What the JSON API says of itself, as far as it is compared. */
export type Described = {
  paths: Record<
    string,
    { get: { responses: { 200: { content: { 'application/json': { schema: Schema } } } } } }
  >;
  components: { schemas: Record<string, Schema> };
};

/** Where a value is not what its schema says; `at` is where it stands. */
export function faultsOf(value: unknown, given: Schema, all: Described, at = ''): string[] {
  const schema = given.$ref ? all.components.schemas[given.$ref.split('/').at(-1) ?? ''] : given;
  if (schema === undefined) return [`${at}: no schema`];
  const types = [schema.type ?? []].flat();
  const type =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : typeof value === 'number'
          ? 'integer'
          : typeof value;
  if (!types.includes(type)) return [`${at}: ${type} is not ${types.join(' or ')}`];
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => faultsOf(each, schema.items ?? {}, all, `${at}[${i}]`));
  }
  if (value === null || typeof value !== 'object') return [];
  const { properties = {}, required = [] } = schema;
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, part]) =>
      properties[name]
        ? faultsOf(part, properties[name], all, `${at}.${name}`)
        : [`${at}.${name} is not described`],
    ),
  ];
}
