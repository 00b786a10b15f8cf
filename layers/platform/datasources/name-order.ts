/** The order of names in S3: by UTF-8 bytes. It differs from JavaScript's for characters outside the basic plane. */
export function byUtf8Bytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rankOfCodeUnit(a) - rankOfCodeUnit(b);
  }
  return left.length - right.length;
}
/** Surrogates stand for characters above U+FFFF, so they come after all others. */
const rankOfCodeUnit = (unit: number): number =>
  unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit;

/** Comes after every name that begins with the prefix: no name has this last of all characters. */
export const afterAllWith = (prefix: string): string => `${prefix}\u{10ffff}`;

/** A range of names: after the first bound, up to and including the second one. Undefined: no bound. */
export interface NameRange {
  readonly after?: string | undefined;
  readonly until?: string | undefined;
}
