import { randomBytes } from 'node:crypto';
import { type ZodType, z } from 'zod';
import { InvalidInputError } from './errors.ts';

/** 24 lower-case hex characters, as the protocol has them. */
export const objectId = z.string().regex(/^[a-f0-9]{24}$/, 'expected 24 lower-case hex characters');
export type ObjectId = string;

/** Milliseconds since 1970-01-01 UTC. */
export const milliseconds = z.int().nonnegative();

/** A new id: 4 bytes of Unix seconds, then 8 random bytes, so ids sort by the second of their creation. */
export function newObjectId(now: number): ObjectId {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return seconds + randomBytes(8).toString('hex');
}

/**
 * Parses `value` or throws an {@link InvalidInputError} that names `what`, each failing field and what it expects.
 */
export function parseWith<T>(schema: ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || '(whole)'}: ${message}`);
  throw new InvalidInputError(`${what} is not valid. ${issues.join('; ')}`, { cause: result.error });
}

/** Parses JSON text and then {@link parseWith}. */
export function parseJsonWith<T>(schema: ZodType<T>, json: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new InvalidInputError(`${what} is not JSON.`, { cause });
  }
  return parseWith(schema, value, what);
}

/** For strict objects that people write by hand: says which fields there are, where one is none of them. */
export const namingFields = (fields: object) => ({
  error: (issue: { readonly code: string; readonly keys?: unknown }): string | undefined =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `there is no field ${issue.keys.join(', ').slice(0, LONGEST_NAMES)}; expected ${Object.keys(fields).join(', ')}`
      : undefined,
});
/** Enough of what was sent to know it again. */
const LONGEST_NAMES = 100;

/** Paths of a document's values, as `docker.datasource.processAll`; what is neither a record nor absent is one value. */
export function* valuePaths(schema: unknown, path: string): Generator<string> {
  if (schema instanceof z.ZodObject) {
    for (const [name, part] of Object.entries(schema.shape)) yield* valuePaths(part, `${path}.${name}`);
  } else if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    yield* valuePaths(schema.unwrap(), path);
  } else {
    yield path;
  }
}
