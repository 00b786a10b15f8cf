import { InvalidInputError } from '#contracts/errors';

/*
 * A value as JSON lines, for whoever reads it elsewhere. The first line is the version; each further one has a place
 * `at`, the path of names that leads there, and what is there: a `value`, or some `items` of a list, or some `entries` of
 * a map. So a list of any length takes lines of bounded length, and a new field needs nothing here. Vectors are base64 of
 * their float32 values, little-endian, after a prefix that no text has.
 */

const VERSION = 1;
/** Elements in a line: some hundred kilobytes where each has a vector. */
const PER_LINE = 200;
const VECTOR = '\u0000f32:';

type Path = readonly string[];

/** The lines of a record whose fields are records, lists, maps or plain values. */
export function* valueLines(record: object): Generator<string> {
  yield `${JSON.stringify({ version: VERSION })}\n`;
  for (const line of linesAt([], record)) yield `${JSON.stringify(line, vectorToText)}\n`;
}

function* linesAt(at: Path, value: unknown): Generator<object> {
  if (value instanceof Map) yield* linesOfMap(at, value);
  else if (Array.isArray(value)) {
    yield { at, items: [] };
    for (const items of chunksOf(value)) yield { at, items };
  } else if (isRecord(value) && at.length < 2) {
    yield { at, value: {} };
    for (const [name, part] of Object.entries(value)) {
      if (part !== undefined) yield* linesAt([...at, name], part);
    }
  } else {
    yield { at, value };
  }
}

function* linesOfMap(at: Path, map: ReadonlyMap<string, unknown>): Generator<object> {
  yield { at, entries: [] };
  let plain: [string, unknown][] = [];
  for (const [key, value] of map) {
    if (value instanceof Map) yield* linesOfMap([...at, key], value);
    else plain.push([key, value]);
    if (plain.length < PER_LINE) continue;
    yield { at, entries: plain };
    plain = [];
  }
  if (plain.length > 0) yield { at, entries: plain };
}

function* chunksOf(list: readonly unknown[]): Generator<readonly unknown[]> {
  for (let from = 0; from < list.length; from += PER_LINE) yield list.slice(from, from + PER_LINE);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Float32Array);

function vectorToText(_key: string, value: unknown): unknown {
  if (value instanceof Map)
    throw new TypeError('A map of a run input must be a field of it, or in such a map.');
  if (!(value instanceof Float32Array)) return value;
  return VECTOR + Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}

function textToVector(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(VECTOR)) return value;
  // Through a copy: the bytes of a small Buffer start anywhere in a shared block.
  return new Float32Array(new Uint8Array(Buffer.from(value.slice(VECTOR.length), 'base64')).buffer);
}

/**
 * Reads what {@link valueLines} wrote. What it is made of is for the caller to check.
 * @param what - begins the sentence of an error
 * @throws InvalidInputError where it is of another version, or cut short
 */
export async function parseValueLines(lines: AsyncIterable<string>, what: string): Promise<unknown> {
  let root: unknown;
  let isFirst = true;
  for await (const text of lines) {
    const line = JSON.parse(text, textToVector) as ValueLine & { version?: number };
    if (!isFirst) root = placed(root, line, what);
    else if (line.version !== VERSION) {
      throw new InvalidInputError(
        `${what} is of version ${line.version}; this worker reads version ${VERSION}. ` +
          'Install the version of Winnow that the server has.',
      );
    }
    isFirst = false;
  }
  return root;
}

interface ValueLine {
  readonly at: Path;
  readonly value?: unknown;
  readonly items?: readonly unknown[];
  readonly entries?: readonly (readonly [string, unknown])[];
}

/** Puts what a line holds into its place; returns the root. */
function placed(root: unknown, { at, value, items, entries }: ValueLine, what: string): unknown {
  const name = at.at(-1);
  const parent = at.slice(0, -1).reduce((inside, step) => memberOf(inside, step), root);
  const before = name === undefined ? root : memberOf(parent, name);
  if (items) {
    const list = Array.isArray(before) ? before : [];
    for (const item of items) list.push(item);
    return put(root, { parent, name, what }, list);
  }
  if (entries) {
    const map = before instanceof Map ? before : new Map<string, unknown>();
    for (const [key, entry] of entries) map.set(key, entry);
    return put(root, { parent, name, what }, map);
  }
  return put(root, { parent, name, what }, value);
}

const memberOf = (inside: unknown, name: string): unknown =>
  inside instanceof Map ? inside.get(name) : Object.getOwnPropertyDescriptor(inside ?? {}, name)?.value;

interface Place {
  readonly parent: unknown;
  readonly name: string | undefined;
  readonly what: string;
}

function put(root: unknown, { parent, name, what }: Place, value: unknown): unknown {
  if (name === undefined) return value;
  if (parent instanceof Map) parent.set(name, value);
  else if (isRecord(parent)) {
    Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true });
  } else throw new InvalidInputError(`${what} has nothing where '${name}' belongs.`);
  return root;
}
