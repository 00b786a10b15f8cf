import type { Ink } from '../drawing/drawing.ts';
import { fillIn } from './pdf-inks.ts';
import { winAnsiText } from './win-ansi.ts';

const REGULAR = 'Helvetica';
const BOLD = 'Helvetica-Bold';

export interface TextStyle {
  readonly size: number;
  readonly ink: Ink;
  readonly bold?: boolean;
}

/** Chooses font, size and colour of what is written next. */
export const inStyle = (
  pdf: PDFKit.PDFDocument,
  { size, ink, bold = false }: TextStyle,
): PDFKit.PDFDocument => fillIn(pdf.font(bold ? BOLD : REGULAR).fontSize(size), ink);

/** Writes one line; `y` is its baseline, or with `top` its upper edge. */
export function writeLine(
  pdf: PDFKit.PDFDocument,
  text: string,
  {
    x,
    y,
    anchor = 'start',
    top = false,
  }: { x: number; y: number; anchor?: 'start' | 'middle' | 'end'; top?: boolean },
  style: TextStyle,
): void {
  const shown = winAnsiText(text);
  const width = inStyle(pdf, style).widthOfString(shown);
  const left = { start: x, middle: x - width / 2, end: x - width }[anchor];
  pdf.text(shown, left, y, { lineBreak: false, baseline: top ? 'top' : 'alphabetic' });
}
