import { linearScale, place, roundTicks } from './axis.ts';
import { type Drawing, FULL_WIDTH, type Shape } from './drawing.ts';
import { durationText, roundText } from './number-text.ts';

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
  const shapes = [...secondsAxis(end, bottom, x), ...spans.flatMap((span, at) => row(span, at * ROW, x))];
  return { title, width: FULL_WIDTH, height: bottom + 36, shapes };
}

function secondsAxis(end: number, bottom: number, x: (at: number) => number): Shape[] {
  const small = { size: SIZE - 1, ink: 'muted' } as const;
  const ticks = roundTicks([0, end / 1000], 5).flatMap((second): Shape[] => {
    const across = place(x(second * 1000));
    const text = second === 0 ? '0 s' : roundText(second);
    return [
      { kind: 'path', d: `M${across} 0V${bottom}`, stroke: 'grid', lineWidth: 0.75 },
      { kind: 'text', x: across, y: bottom + 15, text, anchor: 'middle', ...small },
    ];
  });
  const unit = { text: 'seconds since the start', size: SIZE, ink: 'muted', anchor: 'end' } as const;
  return [...ticks, { kind: 'text', x: FULL_WIDTH - RIGHT, y: bottom + 30, ...unit }];
}

function row({ label, from, until }: TimeSpan, y: number, x: (at: number) => number): Shape[] {
  const [left, right] = [place(x(from)), place(x(until))];
  const width = Math.max(1.5, right - left);
  const took = durationText(until - from);
  return [
    { kind: 'text', x: LEFT - 12, y: y + 13, text: label, size: SIZE, ink: 'ink', anchor: 'end' },
    { kind: 'rect', x: left, y: y + 4, width: place(width), height: ROW - 7, fill: 'accent' },
    { kind: 'text', x: right + 6, y: y + 13, text: took, size: SIZE - 1, ink: 'muted' },
  ];
}
