/** One step of a compiled pattern. Offsets are relative to the instruction itself, so that fragments can be joined. */
export type Instruction =
  | { readonly op: 'unit'; readonly matches: UnitTest }
  | { readonly op: 'assert'; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'jump'; readonly offset: number }
  /** Goes on at `preferred`; at `other` where that leads to nothing. */
  | { readonly op: 'split'; readonly preferred: number; readonly other: number };

/** True for the UTF-16 code units that a character, a class or a dot matches. */
export type UnitTest = (unit: number) => boolean;
export type Fragment = readonly Instruction[];

/** Either of several, the first that leads to a match. */
export function alternatives(options: readonly Fragment[]): Fragment {
  let all: Fragment = options.at(-1) ?? [];
  for (const option of options.slice(0, -1).reverse()) {
    const split = { op: 'split', preferred: 1, other: option.length + 2 } as const;
    all = [split, ...option, { op: 'jump', offset: all.length + 1 }, ...all];
  }
  return all;
}

/** Between `least` and `most` times one after the other; as often as possible, or as seldom where it is lazy. */
export function repeated(fragment: Fragment, least: number, most: number, isLazy: boolean): Fragment {
  const split = (within: number, beyond: number): Instruction =>
    isLazy
      ? { op: 'split', preferred: beyond, other: within }
      : { op: 'split', preferred: within, other: beyond };
  const parts: Instruction[] = Array.from({ length: least }, () => fragment).flat();
  const { length } = fragment;
  if (most === Number.POSITIVE_INFINITY) {
    return [...parts, split(1, length + 2), ...fragment, { op: 'jump', offset: -(length + 1) }];
  }
  for (let left = most - least; left > 0; left--) {
    parts.push(split(1, left * (length + 1)), ...fragment);
  }
  return parts;
}

/** Remembers where a group begins and ends. */
export const captured = (fragment: Fragment, group: number): Fragment => [
  { op: 'save', slot: 2 * group },
  ...fragment,
  { op: 'save', slot: 2 * group + 1 },
];
