/** Indexes from `from` (inclusive) to `to` (exclusive). */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/** Ascending indexes as the ranges that they fill without a gap: one read for each instead of one for each index. */
export function* rangesOf(indexes: Iterable<number>): Generator<IndexRange> {
  let from = 0;
  let to = 0;
  for (const index of indexes) {
    if (to > from && index === to) {
      to += 1;
      continue;
    }
    if (to > from) yield { from, to };
    from = index;
    to = index + 1;
  }
  if (to > from) yield { from, to };
}
