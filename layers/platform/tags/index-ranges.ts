/** Indexes from `from` (inclusive) to `to` (exclusive). */
export interface IndexRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Ascending indexes as ranges that hold them: one read for each instead of one for each index.
 * @param widestGap so many indexes in a row that are not given may be in a range. @default 0
 */
export function* rangesOf(indexes: Iterable<number>, widestGap = 0): Generator<IndexRange> {
  let from = 0;
  let to = 0;
  for (const index of indexes) {
    if (to > from && index - to <= widestGap) {
      to = index + 1;
      continue;
    }
    if (to > from) yield { from, to };
    from = index;
    to = index + 1;
  }
  if (to > from) yield { from, to };
}
