import { place } from './axis.ts';
import { type Drawing, FULL_WIDTH, type Ink, type Shape } from './drawing.ts';
import { countText, percentText } from './number-text.ts';

/** A group of the images that a run read: where they went. */
export interface FlowStep {
  readonly label: string;
  readonly count: number;
  readonly ink: Ink;
}

const ROW = 26;
const BAR = 16;
const LEFT = 150;
const RIGHT = 130;
const SIZE = 12;

/** All images as one bar, and below it each group as the part of the bar that it takes away, the last one is what stays. */
export function flowChart(title: string, whole: FlowStep, steps: readonly FlowStep[]): Drawing {
  const unit = (FULL_WIDTH - LEFT - RIGHT) / Math.max(1, whole.count);
  let right = whole.count;
  const rows = [{ ...whole, from: 0 }];
  for (const step of steps) {
    right -= step.count;
    rows.push({ ...step, from: right });
  }
  const shapes = rows.flatMap(({ label, count, ink, from }, at): Shape[] => {
    const y = at * ROW;
    const bar = { x: place(LEFT + from * unit), width: Math.max(count > 0 ? 1.5 : 0, place(count * unit)) };
    const isEdge = at === 0 || at === rows.length - 1;
    const style = { size: SIZE, ink: isEdge ? 'ink' : 'muted', bold: isEdge } as const;
    const share = at > 0 && whole.count > 0 ? percentText(count / whole.count) : '';
    return [
      {
        kind: 'text',
        x: LEFT - 12,
        y: y + 13,
        text: label,
        size: SIZE,
        ink: 'ink',
        anchor: 'end',
        bold: isEdge,
      },
      { kind: 'path', d: `M${LEFT} ${y + BAR + 4.5}H${FULL_WIDTH - RIGHT}`, stroke: 'grid', lineWidth: 0.5 },
      { kind: 'rect', ...bar, y: y + 1, height: BAR, fill: ink },
      { kind: 'text', x: FULL_WIDTH - 52, y: y + 13, text: countText(count), anchor: 'end', ...style },
      { kind: 'text', x: FULL_WIDTH, y: y + 13, text: share, anchor: 'end', ...style },
    ];
  });
  return { title, width: FULL_WIDTH, height: rows.length * ROW, shapes };
}
