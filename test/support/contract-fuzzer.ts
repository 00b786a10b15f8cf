import { generateSync } from 'json-schema-faker';
import {
  type JsonSchema,
  PROTOCOL_OPERATIONS,
  PROTOCOL_SCHEMAS,
  type ProtocolOperation,
} from '#contracts/protocol/operations';

/** A request as it goes over the wire. `breaks` says what of the contract it breaks; absent where it breaks nothing. */
export interface FuzzedRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly breaks?: string;
}

/** Mulberry32: the same seed gives the same requests. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <T>(values: readonly T[], random: () => number): T =>
  values[Math.floor(random() * values.length)] as T;

/** A value that the schema allows. */
function allowedBy(schema: JsonSchema, seed: number): unknown {
  const standalone = JSON.parse(
    JSON.stringify({ ...schema, $defs: PROTOCOL_SCHEMAS }).replaceAll('#/components/schemas/', '#/$defs/'),
  );
  return generateSync(standalone, { seed, optionalsProbability: 0.5, maxItems: 3, maxLength: 40 });
}

const NAMES: readonly string[] = [
  '..%2f',
  '../../etc/passwd',
  '\u0000',
  'a'.repeat(5000),
  '𝕏\u202e',
  "' OR 1=1 --",
  '%',
  '',
];
const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  2 ** 53,
  [],
  {},
  [[[]]],
  ...NAMES,
  '(a+)+$',
  `0x${'f'.repeat(50_000)}`,
];

export interface Fuzzer {
  readonly operation: ProtocolOperation;
  /** A request that the contract allows. */
  valid(seed: number, known: Readonly<Record<string, string>>): FuzzedRequest;
  /** A request that a hostile or careless client might send. */
  broken(seed: number, known: Readonly<Record<string, string>>): FuzzedRequest;
}

/** One fuzzer for each operation of the contract. */
export const contractFuzzers = (): Fuzzer[] => Object.values(PROTOCOL_OPERATIONS).map(fuzzerOf);

function fuzzerOf(operation: ProtocolOperation): Fuzzer {
  const { path, querySchema, bodySchema } = operation;
  const valid: Fuzzer['valid'] = (seed, known) => ({
    path: pathOf(path, known, randomFrom(seed)),
    query: pairsOf(allowedBy(querySchema, seed)),
    ...(bodySchema && { body: JSON.stringify(allowedBy(bodySchema, seed)) }),
  });
  return {
    operation,
    valid,
    broken: (seed, known) => breakOne(valid(seed, known), operation, randomFrom(seed + 1)),
  };
}

function pathOf(path: string, known: Readonly<Record<string, string>>, random: () => number) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const unknownId = () => Array.from({ length: 24 }, () => Math.floor(random() * 16).toString(16)).join('');
  return Object.fromEntries(names.map((name) => [name, known[name] ?? unknownId()]));
}

function pairsOf(query: unknown): [string, string][] {
  return Object.entries(query as Record<string, unknown>).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
}

function breakOne(request: FuzzedRequest, operation: ProtocolOperation, random: () => number): FuzzedRequest {
  const ways = [
    breakPath,
    breakQuery,
    ...(request.body === undefined ? [] : [breakText, breakBody, breakBody, dropField]),
  ];
  return pick(ways, random)(request, operation, random);
}

function breakPath(
  request: FuzzedRequest,
  _operation: ProtocolOperation,
  random: () => number,
): FuzzedRequest {
  const names = Object.keys(request.path);
  if (names.length === 0) return request;
  return { ...request, path: { ...request.path, [pick(names, random)]: pick(NAMES, random) || 'x' } };
}

function breakQuery(
  request: FuzzedRequest,
  { querySchema }: ProtocolOperation,
  random: () => number,
): FuzzedRequest {
  const names = Object.keys(querySchema.properties as object);
  const name = names.length > 0 ? pick(names, random) : 'unheard-of';
  const value = String(pick([...STRANGE, '-1', '1e400', 'NaN', '0x10', '99999999999999999999'], random));
  return { ...request, query: [...request.query.filter(([other]) => other !== name), [name, value]] };
}

function breakText(
  request: FuzzedRequest,
  _operation: ProtocolOperation,
  random: () => number,
): FuzzedRequest {
  const texts = [
    '',
    '{',
    'null',
    '"text"',
    '42',
    '[[]]',
    `${'['.repeat(100_000)}`,
    '{"a":1}{"b":2}',
    '\u0000',
  ];
  return { ...request, body: pick(texts, random), breaks: 'the text of the body' };
}

/** Puts something strange in a random place of the body. */
function breakBody(
  request: FuzzedRequest,
  _operation: ProtocolOperation,
  random: () => number,
): FuzzedRequest {
  const body: unknown = JSON.parse(request.body ?? 'null');
  let place = body;
  for (let depth = 0; depth < 6; depth++) {
    if (typeof place !== 'object' || place === null) break;
    const keys = Object.keys(place);
    if (keys.length === 0 || random() < 0.1) {
      (place as Record<string, unknown>)['unheard-of'] = pick(STRANGE, random);
      break;
    }
    const key = pick(keys, random);
    const inside = (place as Record<string, unknown>)[key];
    if (typeof inside !== 'object' || inside === null || random() < 0.3) {
      (place as Record<string, unknown>)[key] = pick(STRANGE, random);
      break;
    }
    place = inside;
  }
  return { ...request, body: JSON.stringify(body) };
}

function dropField(
  request: FuzzedRequest,
  { bodySchema }: ProtocolOperation,
  random: () => number,
): FuzzedRequest {
  const name =
    String(bodySchema?.$ref ?? '')
      .split('/')
      .at(-1) ?? '';
  const required = (PROTOCOL_SCHEMAS[name]?.required ?? []) as readonly string[];
  if (required.length === 0) return request;
  const dropped = pick(required, random);
  const { [dropped]: _, ...rest } = JSON.parse(request.body ?? '{}') as Record<string, unknown>;
  return { ...request, body: JSON.stringify(rest), breaks: `the required field ${dropped}` };
}
