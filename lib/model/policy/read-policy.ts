import { slugOf } from '../slug.ts';
import { findUnseen } from '../unseen.ts';
import { type Fault, type JsonNode, readJson } from './json-text.ts';
import {
  ATTRIBUTES,
  type AttributeName,
  type Comparison,
  type Condition,
  isAttributeName,
  type Policy,
  type TextTest,
} from './policy.ts';

/** As message brokers have it, with less room: policies are looked at with many posts. */
export const POLICY_CHARACTERS_MAX = 4096;
const KEYS_MAX = 5;
/** Values of all keys multiplied. */
const COMBINATIONS_MAX = 150;
/** A * each may begin anew at every character. */
const STARS_MAX = 3;
const NUMBER_ABS_MAX = 1e9;

export type PolicyOutcome =
  | { kind: 'policy'; policy: Policy; key: string }
  | { kind: 'invalid'; message: string; at: number };

class Refusal extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const TEXT_TESTS: readonly string[] = ['prefix', 'suffix', 'wildcard', 'equals-ignore-case'];
const isTextTest = (name: string): name is TextTest => TEXT_TESTS.includes(name);
const COMPARISONS: readonly string[] = ['=', '<', '<=', '>', '>='];
const isComparison = (text: unknown): text is Comparison => COMPARISONS.includes(text as string);
const KNOWN = `${TEXT_TESTS.join(', ')}, anything-but, numeric and exists`;

/** @throws Refusal when texts mean nothing to this attribute. */
function checkText(name: AttributeName, text: string, node: JsonNode, isWhole: boolean): void {
  if (ATTRIBUTES[name] === 'number') {
    throw new Refusal(
      `“${name}” is a number: write it without quotes, or as {"numeric": [">=", 300]}.`,
      node.at,
    );
  }
  if (text === '') throw new Refusal('An empty text says nothing here.', node.at);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) {
    throw new Refusal('This text has a character that no post has.', node.at);
  }
  const unseen = findUnseen(text);
  if (unseen) {
    const message = `In this text is ${unseen.called}, which nobody sees. Type it anew.`;
    throw new Refusal(message, node.at);
  }
  if (isWhole && ATTRIBUTES[name] === 'slug' && slugOf(text) !== text) {
    throw new Refusal(
      `A ${name} is named as in its address here: "${slugOf(text)}" instead of "${text}".`,
      node.at,
    );
  }
}

function readEquals(name: AttributeName, node: JsonNode): Condition {
  if (node.kind !== 'literal') throw new Refusal('A plain value is expected here.', node.at);
  const { value } = node;
  if (typeof value === 'string') checkText(name, value, node, true);
  else if (typeof value === 'number') checkNumber(name, value, node);
  return { kind: 'equals', value };
}

function checkNumber(name: AttributeName, value: number, node: JsonNode): void {
  if (ATTRIBUTES[name] !== 'number') {
    throw new Refusal(`“${name}” is a text: write the value in double quotes.`, node.at);
  }
  if (Math.abs(value) > NUMBER_ABS_MAX) {
    throw new Refusal(`Numbers go from -${NUMBER_ABS_MAX} to ${NUMBER_ABS_MAX}.`, node.at);
  }
}

function readTextTest(kind: TextTest, name: AttributeName, node: JsonNode): Condition {
  if (node.kind !== 'literal' || typeof node.value !== 'string') {
    throw new Refusal(`“${kind}” takes a text in double quotes.`, node.at);
  }
  const text = node.value;
  checkText(name, text, node, false);
  if (kind === 'wildcard' && text.split('*').length - 1 > STARS_MAX) {
    throw new Refusal(`A wildcard may have ${STARS_MAX} stars at most.`, node.at);
  }
  return { kind, text };
}

function readNumeric(name: AttributeName, node: JsonNode): Condition {
  if (ATTRIBUTES[name] !== 'number') {
    throw new Refusal(`“${name}” is no number, so “numeric” cannot be met.`, node.at);
  }
  const items = node.kind === 'list' ? node.items : [];
  if (items.length !== 2 && items.length !== 4) {
    throw new Refusal('“numeric” takes one or two comparisons: [">=", 300, "<", 900].', node.at);
  }
  const ranges: [Comparison, number][] = [];
  for (let i = 0; i < items.length; i += 2) {
    const [sign, limit] = [items[i], items[i + 1]] as [JsonNode, JsonNode];
    if (sign.kind !== 'literal' || !isComparison(sign.value)) {
      throw new Refusal('One of "=", "<", "<=", ">" and ">=" is expected here.', sign.at);
    }
    if (limit.kind !== 'literal' || typeof limit.value !== 'number') {
      throw new Refusal('A number without quotes is expected here.', limit.at);
    }
    checkNumber(name, limit.value, limit);
    ranges.push([sign.value, limit.value]);
  }
  checkRange(ranges, node);
  return { kind: 'numeric', ranges };
}

/** Two comparisons are a lower and an upper end, in this order. */
function checkRange([lower, upper]: [Comparison, number][], node: JsonNode): void {
  if (lower === undefined || upper === undefined) return;
  if (!lower[0].startsWith('>') || !upper[0].startsWith('<')) {
    throw new Refusal('A range has its lower end first: [">=", 300, "<", 900].', node.at);
  }
  if (lower[1] > upper[1]) throw new Refusal('No number lies in this range.', node.at);
}

function readAnythingBut(name: AttributeName, node: JsonNode): Condition {
  const each = node.kind === 'list' ? node.items : [node];
  if (each.length === 0) throw new Refusal('“anything-but” needs a value.', node.at);
  const conditions = each.flatMap((item) => {
    if (item.kind !== 'object') return [readEquals(name, item)];
    const [member, more] = item.members;
    if (member === undefined || more !== undefined || !isTextTest(member.name)) {
      throw new Refusal(
        `“anything-but” takes values, or one of ${TEXT_TESTS.join(', ')}.`,
        item.at,
      );
    }
    const { name: kind, value } = member;
    const tests = value.kind === 'list' ? value.items : [value];
    if (tests.length === 0) throw new Refusal('There is no value in this list.', value.at);
    return tests.map((test) => readTextTest(kind, name, test));
  });
  return { kind: 'anything-but', conditions };
}

function readCondition(name: AttributeName, node: JsonNode): Condition {
  if (node.kind !== 'object') return readEquals(name, node);
  const [member, more] = node.members;
  if (member === undefined || more !== undefined) {
    throw new Refusal(`Exactly one of ${KNOWN} is expected in these brackets.`, node.at);
  }
  if (isTextTest(member.name)) return readTextTest(member.name, name, member.value);
  switch (member.name) {
    case 'numeric':
      return readNumeric(name, member.value);
    case 'anything-but':
      return readAnythingBut(name, member.value);
    case 'exists': {
      const { value } = member;
      if (value.kind !== 'literal' || typeof value.value !== 'boolean') {
        throw new Refusal('“exists” takes true or false.', value.at);
      }
      return { kind: 'exists', exists: value.value };
    }
    default:
      throw new Refusal(`“${member.name}” is unknown. There are ${KNOWN}.`, member.at);
  }
}

/** @param places gets where each key stands. */
function readKeys(node: JsonNode, places: number[]): Policy {
  if (node.kind !== 'object') {
    throw new Refusal('A policy is an object: {"tag": ["architecture"]}.', node.at);
  }
  if (node.members.length === 0) throw new Refusal('This asks for nothing.', node.at);
  const policy: Policy = { keys: [], anyOf: [] };
  for (const { name, at, value } of node.members) {
    if (name === '$or') {
      policy.anyOf = readChoice(value, places);
    } else if (!isAttributeName(name)) {
      const names = Object.keys(ATTRIBUTES).join(', ');
      throw new Refusal(`Posts have no “${name}”. They have ${names}.`, at);
    } else {
      places.push(at);
      policy.keys.push({ name, conditions: readConditions(name, value) });
    }
  }
  return policy;
}

function readConditions(name: AttributeName, node: JsonNode): Condition[] {
  if (node.kind !== 'list' || node.items.length === 0) {
    throw new Refusal(`The values of “${name}” are a list: ["…"].`, node.at);
  }
  const tooMany = node.items[COMBINATIONS_MAX];
  if (tooMany !== undefined) {
    const message = `These are ${node.items.length} values; ${COMBINATIONS_MAX} are allowed.`;
    throw new Refusal(message, tooMany.at);
  }
  return node.items.map((item) => readCondition(name, item));
}

function readChoice(node: JsonNode, places: number[]): Policy[] {
  if (node.kind !== 'list' || node.items.length < 2) {
    throw new Refusal('“$or” is a list of two or more objects.', node.at);
  }
  return node.items.map((item) => readKeys(item, places));
}

/** Ways in which a policy may be met. */
const countCombinations = ({ keys, anyOf }: Policy): number =>
  keys.reduce((product, { conditions }) => product * widthOf(conditions), 1) *
  Math.max(
    1,
    anyOf.reduce((sum, each) => sum + countCombinations(each), 0),
  );

const widthOf = (conditions: Condition[]): number =>
  conditions.reduce(
    (sum, each) => sum + (each.kind === 'anything-but' ? each.conditions.length : 1),
    0,
  );

/** One writing for all spellings of a policy: order and space say nothing. */
function keyOf(policy: Policy): string {
  const keys = policy.keys
    .map(({ name, conditions }) => [name, sorted(conditions.map(keyOfCondition))])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  return JSON.stringify([keys, sorted(policy.anyOf.map(keyOf))]);
}

function keyOfCondition(condition: Condition): string {
  if (condition.kind !== 'anything-but') return JSON.stringify(condition);
  return JSON.stringify([condition.kind, sorted(condition.conditions.map(keyOfCondition))]);
}

const sorted = (texts: string[]) => [...new Set(texts)].sort();

/**
 * Reads a filter policy: keys that must all be met, each by one of the values in its list, in the
 * syntax of Amazon SNS subscription filter policies.
 * @returns the policy with its canonical key, or what is wrong and where (UTF-16 units).
 */
export function readPolicy(text: string): PolicyOutcome {
  if (text.length > POLICY_CHARACTERS_MAX) {
    const message = `A policy may have ${POLICY_CHARACTERS_MAX} characters at most.`;
    return { kind: 'invalid', message, at: POLICY_CHARACTERS_MAX };
  }
  const node = readJson(text);
  if (node.kind === 'invalid') return refused(node.fault);
  try {
    const places: number[] = [];
    const policy = readKeys(node, places);
    checkSize(policy, places);
    return { kind: 'policy', policy, key: keyOf(policy) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused({ message: error.message, at: error.at });
  }
}

const refused = ({ message, at }: Fault): PolicyOutcome => ({ kind: 'invalid', message, at });

function checkSize(policy: Policy, places: number[]): void {
  const tooMany = places[KEYS_MAX];
  if (tooMany !== undefined) {
    throw new Refusal(`A policy may have ${KEYS_MAX} keys at most.`, tooMany);
  }
  const combinations = countCombinations(policy);
  if (combinations > COMBINATIONS_MAX) {
    throw new Refusal(
      `With this key its values make ${combinations} combinations; ${COMBINATIONS_MAX} are allowed.`,
      places.at(-1) ?? 0,
    );
  }
}
