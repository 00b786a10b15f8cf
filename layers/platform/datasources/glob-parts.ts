/**
 * Patterns of names, taken apart, as those of filters and of lists of relevant files share them. Time grows with the length of
 * a pattern times that of a path and never faster: there are no regular expressions here, because those that such patterns
 * become can be made to backtrack for hours.
 */

/** One part of a pattern, between slashes. */
export type Glob = readonly Token[];
/** `*`, `**`, or what tells whether one character fits. */
type Token = '*' | '**' | ((character: string) => boolean);

export const isAnyFolders = (part: Glob | undefined): boolean => part?.[0] === '**';

/** One part of a pattern, between slashes. */
export function parseGlob(text: string): Glob {
  if (/^\*{2,}$/.test(text)) return ['**'];
  const characters = [...text];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const set = character === '[' ? parseSet(characters, at) : undefined;
    if (set) {
      tokens.push(set.fits);
      at = set.end;
    } else if (character === '*') {
      if (tokens.at(-1) !== '*') tokens.push('*');
    } else if (character === '?') {
      tokens.push(() => true);
    } else {
      const literal = character === '\\' ? (characters[++at] ?? '\\') : character;
      tokens.push((other) => other === literal);
    }
  }
  return tokens;
}

/** `[abc]`, `[a-z]`, `[!a-z]`. Undefined where the bracket is never closed: it stands for itself then. */
function parseSet(characters: readonly string[], start: number) {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  // A closing bracket that comes first is a member.
  const end = characters.indexOf(']', first + 1);
  if (end < 0) return undefined;
  const members = characters.slice(first, end);
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? '';
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? (members[at + 2] ?? from) : from]);
    if (isRange) at += 2;
  }
  const fits = (character: string): boolean =>
    ranges.some(([from, to]) => character >= from && character <= to) !== isNegated;
  return { fits, end };
}

/** Whether parts fit names one by one; `**` fits any number of them. */
export const fitsParts = (parts: readonly Glob[], names: readonly string[]): boolean =>
  fitsInOrder(parts, names, isAnyFolders, (part, name) => fitsGlob(part, [...name]));

const fitsGlob = (glob: Glob, characters: readonly string[]): boolean =>
  fitsInOrder(
    glob,
    characters,
    (token) => token === '*',
    (token, character) => typeof token === 'function' && token(character),
  );

/**
 * A pattern against values, where some of its elements stand for any number of values. After a mismatch only the last
 * of those takes one value more: an earlier one can't lead to anything that this does not, which is why there is no
 * other backtracking.
 */
function fitsInOrder<Element, Value>(
  pattern: readonly Element[],
  values: readonly Value[],
  isMany: (element: Element | undefined) => boolean,
  fits: (element: Element, value: Value) => boolean,
): boolean {
  let at = 0;
  let index = 0;
  let many: { readonly at: number; index: number } | undefined;
  while (index < values.length) {
    const element = pattern[at];
    if (at < pattern.length && isMany(element)) {
      many = { at, index };
      at += 1;
    } else if (at < pattern.length && fits(element as Element, values[index] as Value)) {
      at += 1;
      index += 1;
    } else if (many) {
      many.index += 1;
      at = many.at + 1;
      index = many.index;
    } else {
      return false;
    }
  }
  while (isMany(pattern[at]) && at < pattern.length) at += 1;
  return at === pattern.length;
}
