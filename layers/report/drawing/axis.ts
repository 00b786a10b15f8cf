/** Where a span is a smaller share of its numbers, twelve digits do not tell them apart, and counting would not end. */
const SMALLEST_SPAN = 1e-11;

/** Round numbers, about `wanted` of them, that lie in a range. */
export function roundTicks([low, high]: readonly [number, number], wanted: number): number[] {
  const span = high - low;
  if (!(span > SMALLEST_SPAN * Math.max(Math.abs(low), Math.abs(high)))) return [low];
  if (!Number.isFinite(span)) return [low, 0, high];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    // Binary fractions add up to 0.30000000000000004.
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** Maps a range of values to a range of positions. */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): (value: number) => number {
  // In halves, because the span of two float64 may be more than a float64 holds.
  const span = high / 2 - low / 2;
  return (value) => (span > 0 ? from + ((value / 2 - low / 2) / span) * (to - from) : (from + to) / 2);
}

/** A coordinate as it is written: a tenth of a pixel is enough. */
export const place = (value: number): number => Math.round(value * 10) / 10;
