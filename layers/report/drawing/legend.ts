import { HALF_WIDTH, type Ink, LABEL_SIZE, type Shape, TITLE_SIZE } from './drawing.ts';
import { elidedInTheMiddle, textWidth } from './text-width.ts';

export interface LegendEntry {
  readonly label: string;
  readonly ink: Ink;
  /** A line instead of an area. */
  readonly isLine?: boolean;
}

/** Height that {@link chartHead} takes. */
export const HEAD_HEIGHT = 46;

/** The title of a chart and, below it, what its inks are. A title may be a key that somebody gave. */
export function chartHead(title: string, entries: readonly LegendEntry[]): Shape[] {
  const shapes: Shape[] = [
    {
      kind: 'text',
      x: 0,
      y: 13,
      text: elidedInTheMiddle(title, HALF_WIDTH, TITLE_SIZE),
      size: TITLE_SIZE,
      ink: 'ink',
      bold: true,
    },
  ];
  let x = 0;
  for (const { label, ink, isLine = false } of entries) {
    shapes.push(
      isLine
        ? { kind: 'path', d: `M${x} 28H${x + 12}`, stroke: ink, lineWidth: 2 }
        : { kind: 'rect', x, y: 24, width: 10, height: 8, fill: ink },
      { kind: 'text', x: x + 16, y: 32, text: label, size: LABEL_SIZE, ink: 'muted' },
    );
    x += 16 + textWidth(label, LABEL_SIZE) + 16;
  }
  return shapes;
}
