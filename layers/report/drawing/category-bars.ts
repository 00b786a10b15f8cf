import type { CategoricalDistribution } from '#contracts/report-v2';
import { place } from './axis.ts';
import { type Drawing, HALF_WIDTH, type Ink, LABEL_SIZE, type Shape } from './drawing.ts';
import { chartHead, HEAD_HEIGHT } from './legend.ts';
import { percentText } from './number-text.ts';
import { elidedInTheMiddle } from './text-width.ts';

const ROW = 22;
const LEFT = 110;
const RIGHT = 92;
/** Of more, the most frequent ones of the input. */
const MOST_ROWS = 15;

/** The share of each category in the input and in the selection, the most frequent of the input first. */
export function categoryBars(
  title: string,
  { input, selected }: Readonly<Record<'input' | 'selected', CategoricalDistribution>>,
  nameOf: (category: string) => string,
): Drawing {
  const [before, after] = [sharesOf(input), sharesOf(selected)];
  const frequent = [...before.keys()].sort((a, b) => (before.get(b) ?? 0) - (before.get(a) ?? 0));
  const shown = frequent.slice(0, MOST_ROWS);
  const highest = Math.max(0.001, ...shown.flatMap((name) => [before.get(name) ?? 0, after.get(name) ?? 0]));
  const unit = (HALF_WIDTH - LEFT - RIGHT) / highest;
  const rows = shown.flatMap((category, at): Shape[] => {
    const y = HEAD_HEIGHT + at * ROW;
    const [was, is] = [before.get(category) ?? 0, after.get(category) ?? 0];
    const text = elidedInTheMiddle(nameOf(category), LEFT - 12, LABEL_SIZE);
    return [
      { kind: 'text', x: LEFT - 8, y: y + 12, text, size: LABEL_SIZE, ink: 'ink', anchor: 'end' },
      { kind: 'rect', x: LEFT, y: y + 1, width: place(was * unit), height: 6, fill: 'neutral' },
      { kind: 'rect', x: LEFT, y: y + 8, width: place(is * unit), height: 6, fill: 'accent' },
      shareText(was, HALF_WIDTH - RIGHT + 44, y + 12, 'muted'),
      shareText(is, HALF_WIDTH, y + 12, 'accent'),
    ];
  });
  const more = frequent.length - shown.length;
  const rest = more > 0 ? [moreText(more, HEAD_HEIGHT + shown.length * ROW + 12)] : [];
  const legend = [
    { label: 'input', ink: 'neutral' as const },
    { label: 'selected', ink: 'accent' as const },
  ];
  const height = HEAD_HEIGHT + (shown.length + Number(more > 0)) * ROW;
  return { title, width: HALF_WIDTH, height, shapes: [...chartHead(title, legend), ...rows, ...rest] };
}

const moreText = (count: number, y: number): Shape => ({
  kind: 'text',
  x: LEFT,
  y,
  text: `and ${count} more`,
  size: LABEL_SIZE,
  ink: 'muted',
});

const shareText = (share: number, x: number, y: number, ink: Ink): Shape => ({
  kind: 'text',
  x,
  y,
  text: percentText(share),
  size: LABEL_SIZE - 1,
  ink,
  anchor: 'end',
});

function sharesOf({ counts }: CategoricalDistribution): Map<string, number> {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return new Map(Object.entries(counts).map(([name, count]) => [name, total > 0 ? count / total : 0]));
}
