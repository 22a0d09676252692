import type { AttributeName, Attributes, Comparison, Condition, Policy, Scalar } from './policy.ts';

/**
 * Why a post does not meet a policy: an attribute that it has not, one of another type than is
 * asked for, or another value.
 */
export type Shortfall = 'missing' | 'invalid' | 'differs';

const COMPARE: Record<Comparison, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A star is any characters. In time linear in the text for each star: no pattern is compiled. */
function fitsWildcard(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function fits(value: Scalar, condition: Condition): boolean {
  switch (condition.kind) {
    case 'equals':
      return value === condition.value;
    case 'numeric':
      return (
        typeof value === 'number' &&
        condition.ranges.every(([sign, limit]) => COMPARE[sign](value, limit))
      );
    case 'exists':
      return condition.exists;
    case 'anything-but':
      return !condition.conditions.some((each) => fits(value, each));
    default:
      return typeof value === 'string' && fitsText(value, condition.kind, condition.text);
  }
}

function fitsText(value: string, kind: string, text: string): boolean {
  if (kind === 'prefix') return value.startsWith(text);
  if (kind === 'suffix') return value.endsWith(text);
  if (kind === 'wildcard') return fitsWildcard(value, text);
  return value.toLowerCase() === text.toLowerCase();
}

/** What type of value a condition is about; undefined: any. */
function typeOf(condition: Condition): string | undefined {
  if (condition.kind === 'numeric') return 'number';
  if (condition.kind === 'equals') return typeof condition.value;
  return condition.kind === 'exists' || condition.kind === 'anything-but' ? undefined : 'string';
}

/** A value that is left out is so for all values of an attribute: no tag may be one of these. */
const holds = (values: readonly Scalar[], condition: Condition): boolean =>
  condition.kind === 'anything-but'
    ? values.every((value) => fits(value, condition))
    : values.some((value) => fits(value, condition));

function lackOfKey(
  { name, conditions }: { name: AttributeName; conditions: Condition[] },
  attributes: Attributes,
): Shortfall | undefined {
  const values = attributes[name] ?? [];
  if (values.length === 0) {
    const isMet = conditions.some((each) => each.kind === 'exists' && !each.exists);
    return isMet ? undefined : 'missing';
  }
  if (conditions.some((each) => holds(values, each))) return undefined;
  const types = conditions.map(typeOf);
  const isOfType = types.some(
    (type) => type === undefined || values.some((value) => typeof value === type),
  );
  return isOfType ? 'differs' : 'invalid';
}

/** What a post lacks of a policy; undefined when it meets it. The first lack counts. */
export function lackOf(policy: Policy, attributes: Attributes): Shortfall | undefined {
  for (const key of policy.keys) {
    const lack = lackOfKey(key, attributes);
    if (lack !== undefined) return lack;
  }
  let lack: Shortfall | undefined;
  for (const choice of policy.anyOf) {
    const here = lackOf(choice, attributes);
    if (here === undefined) return undefined;
    lack ??= here;
  }
  return lack;
}

/** Whether a post meets a policy. */
export const meets = (policy: Policy, attributes: Attributes): boolean =>
  lackOf(policy, attributes) === undefined;

/**
 * The tags or sources of which a post must have one to meet a policy: the fewest that one of its
 * keys names. Undefined when there is no such key.
 */
export function requiredNames(
  policy: Policy,
): { name: 'tag' | 'source'; slugs: string[] } | undefined {
  const named = policy.keys.flatMap(({ name, conditions }) => {
    if (name !== 'tag' && name !== 'source') return [];
    const slugs = conditions.flatMap((each) =>
      each.kind === 'equals' && typeof each.value === 'string' ? [each.value] : [],
    );
    return slugs.length === conditions.length ? [{ name, slugs }] : [];
  });
  return named.sort((a, b) => a.slugs.length - b.slugs.length)[0];
}
