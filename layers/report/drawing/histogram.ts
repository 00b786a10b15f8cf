import type { NumericDistribution, NumericDistributionPerSet } from '#contracts/report-v2';
import { linearScale, place, roundTicks } from './axis.ts';
import { type Drawing, HALF_WIDTH, type Ink, LABEL_SIZE, type Shape } from './drawing.ts';
import { chartHead, HEAD_HEIGHT } from './legend.ts';
import { measureText, percentText, roundText } from './number-text.ts';

export interface HistogramSeries {
  readonly label: string;
  readonly distribution: NumericDistribution;
  /** How it is drawn: `selected` as an area, `baseline` as a line, `input` as a shade behind them. */
  readonly role: 'input' | 'selected' | 'baseline';
}

const INKS = {
  input: { fill: 'neutralSoft', line: 'neutral' },
  selected: { fill: 'accentSoft', line: 'accent' },
  baseline: { fill: undefined, line: 'baseline' },
} as const satisfies Record<HistogramSeries['role'], { fill: Ink | undefined; line: Ink }>;

const HEIGHT = 216;
const LEFT = 36;
const BOTTOM = 40;

/**
 * Histograms of one quantity laid over each other, as shares of each set, for the sets differ in size. A dashed line
 * is at the median of each, which the legend has in parentheses.
 */
export function histogram(
  title: string,
  quantity: string,
  { range, bins }: Pick<NumericDistributionPerSet, 'range' | 'bins'>,
  series: readonly HistogramSeries[],
): Drawing {
  const drawn = series.filter(({ distribution }) => sizeOf(distribution) > 0);
  const highest = Math.max(0.01, ...drawn.flatMap(({ distribution }) => sharesOf(distribution)));
  const x = linearScale(range, [LEFT, HALF_WIDTH - 4]);
  const y = linearScale([0, highest], [HEIGHT - BOTTOM, HEAD_HEIGHT + 4]);
  const areas = drawn.map((one) => area(one, bins, y));
  const medians = drawn.map((one) => medianLine(one, x));
  const legend = drawn.map(({ label, role, distribution }) => ({
    label: `${label} (${measureText(distribution.metrics.median)})`,
    ink: role === 'baseline' ? INKS[role].line : INKS[role].fill,
    isLine: role === 'baseline',
  }));
  const shapes = [
    ...chartHead(title, legend),
    ...grid(highest, y),
    ...areas.flat(),
    ...medians.filter(() => range[1] > range[0]),
    ...quantityAxis(range, quantity, x),
  ];
  return { title, width: HALF_WIDTH, height: HEIGHT, shapes };
}

const sizeOf = ({ counts }: NumericDistribution): number => counts.reduce((sum, count) => sum + count, 0);

function sharesOf(distribution: NumericDistribution): number[] {
  const size = sizeOf(distribution);
  return distribution.counts.map((count) => count / size);
}

function area({ distribution, role }: HistogramSeries, bins: number, y: (share: number) => number): Shape[] {
  const width = (HALF_WIDTH - 4 - LEFT) / bins;
  const steps = sharesOf(distribution).map(
    (share, bin) => `V${place(y(share))}H${place(LEFT + (bin + 1) * width)}`,
  );
  const outline = `M${LEFT} ${place(y(0))}${steps.join('')}V${place(y(0))}`;
  const { fill, line } = INKS[role];
  const filled: Shape[] = fill ? [{ kind: 'path', d: `${outline}Z`, fill }] : [];
  if (role === 'input') return filled;
  return [...filled, { kind: 'path', d: outline, stroke: line, lineWidth: 1.25 }];
}

const medianLine = ({ distribution, role }: HistogramSeries, x: (value: number) => number): Shape => ({
  kind: 'path',
  d: `M${place(x(distribution.metrics.median))} ${HEAD_HEIGHT}V${HEIGHT - BOTTOM}`,
  stroke: INKS[role].line,
  lineWidth: 1,
  dashed: true,
});

function grid(highest: number, y: (share: number) => number): Shape[] {
  return roundTicks([0, highest], 3).flatMap((share): Shape[] => [
    {
      kind: 'path',
      d: `M${LEFT} ${place(y(share))}H${HALF_WIDTH - 4}`,
      stroke: 'grid',
      lineWidth: share === 0 ? 1.25 : 0.75,
    },
    {
      kind: 'text',
      x: LEFT - 5,
      y: place(y(share)) + 4,
      text: percentText(share),
      size: LABEL_SIZE - 1,
      ink: 'muted',
      anchor: 'end',
    },
  ]);
}

function quantityAxis(
  range: readonly [number, number],
  quantity: string,
  x: (value: number) => number,
): Shape[] {
  const ticks = roundTicks(range, 4).map(
    (value): Shape => ({
      kind: 'text',
      x: place(x(value)),
      y: HEIGHT - BOTTOM + 14,
      text: roundText(value),
      size: LABEL_SIZE - 1,
      ink: 'muted',
      anchor: value === range[0] ? 'start' : 'middle',
    }),
  );
  return [
    ...ticks,
    {
      kind: 'text',
      x: (LEFT + HALF_WIDTH) / 2,
      y: HEIGHT - 8,
      text: quantity,
      size: LABEL_SIZE,
      ink: 'ink',
      anchor: 'middle',
    },
  ];
}
