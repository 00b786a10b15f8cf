import type { ObjectMetadata } from '#contracts/object-metadata';

/** METADATA keys below it are about what the owner of an image's object has written on that. */
const ROOT = 'object';
const PARTS: readonly string[] = ['tags', 'metadata'] satisfies (keyof ObjectMetadata)[];

/** True for `object.tags.…` and `object.metadata.…`, for which no file has to be read. */
export function isObjectKey(key: string): boolean {
  const [first, second = ''] = key.split('.');
  return first === ROOT && PARTS.includes(second);
}

/** The record that these keys are looked up in. What JSON would take for a number is one; all else is text. */
export function objectRecord(written: ObjectMetadata | undefined): Record<string, unknown> {
  if (!written) return {};
  const parts = Object.entries(written).map(([part, values]) => [part, withNumbers(values)]);
  return { [ROOT]: Object.fromEntries(parts) };
}

const withNumbers = (values: Readonly<Record<string, string>> = {}): Record<string, string | number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, numberOrText(value)]));

/** Without leading zeros: those are of texts that happen to have digits. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const numberOrText = (value: string): string | number =>
  NUMBER.test(value) && Number.isFinite(Number(value)) ? Number(value) : value;
