import { linearScale, place, roundTicks } from './axis.ts';
import { type Drawing, FULL_WIDTH, type Shape } from './drawing.ts';
import { durationText } from './number-text.ts';

/** Something that took time; ms since the beginning. */
export interface TimeSpan {
  readonly label: string;
  readonly from: number;
  readonly until: number;
}

const ROW = 18;
const LEFT = 210;
const RIGHT = 74;
const SIZE = 11;

/** What took how long, one below the other in the order of time. */
export function timeLine(title: string, spans: readonly TimeSpan[]): Drawing {
  const end = Math.max(1, ...spans.map(({ until }) => until));
  const x = linearScale([0, end], [LEFT, FULL_WIDTH - RIGHT]);
  const bottom = spans.length * ROW + 2;
  const ticks = roundTicks([0, end / 1000], 5).flatMap((second): Shape[] => [
    {
      kind: 'path',
      d: `M${place(x(second * 1000))} 0V${bottom}`,
      stroke: 'grid',
      lineWidth: 0.75,
    },
    {
      kind: 'text',
      x: place(x(second * 1000)),
      y: bottom + 15,
      text: second === 0 ? '0 s' : `${second}`,
      size: SIZE - 1,
      ink: 'muted',
      anchor: 'middle',
    },
  ]);
  const rows = spans.flatMap(({ label, from, until }, at): Shape[] => [
    { kind: 'text', x: LEFT - 12, y: at * ROW + 13, text: label, size: SIZE, ink: 'ink', anchor: 'end' },
    {
      kind: 'rect',
      x: place(x(from)),
      y: at * ROW + 4,
      width: Math.max(1.5, place(x(until) - x(from))),
      height: ROW - 7,
      fill: 'accent',
    },
    {
      kind: 'text',
      x: place(x(until)) + 6,
      y: at * ROW + 13,
      text: durationText(until - from),
      size: SIZE - 1,
      ink: 'muted',
    },
  ]);
  const axis: Shape = {
    kind: 'text',
    x: FULL_WIDTH - RIGHT,
    y: bottom + 30,
    text: 'seconds since the start',
    size: SIZE,
    ink: 'muted',
    anchor: 'end',
  };
  return { title, width: FULL_WIDTH, height: bottom + 36, shapes: [...ticks, ...rows, axis] };
}
