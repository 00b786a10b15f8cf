/** Round numbers, about `wanted` of them, that lie in a range. */
export function roundTicks([low, high]: readonly [number, number], wanted: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
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
  const span = high - low;
  return (value) => (span > 0 ? from + ((value - low) / span) * (to - from) : (from + to) / 2);
}

/** A coordinate as it is written: a tenth of a pixel is enough. */
export const place = (value: number): number => Math.round(value * 10) / 10;
