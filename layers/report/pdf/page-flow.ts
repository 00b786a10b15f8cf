/** A4, in points. */
const PAGE = { width: 595.28, height: 841.89 } as const;
export const MARGIN = 48;
export const COLUMN = PAGE.width - 2 * MARGIN;
/** Lowest point of the content; below it is the line with the page's number. */
const BOTTOM = PAGE.height - 60;
export const FOOTER_Y = PAGE.height - 34;

/** Where the next thing on the page goes. */
export class PageFlow {
  readonly pdf: PDFKit.PDFDocument;
  y = MARGIN;

  constructor(pdf: PDFKit.PDFDocument) {
    this.pdf = pdf;
  }

  /** Begins a new page unless there are `height` points left on this one. */
  makeRoom(height: number): void {
    if (this.y + height <= BOTTOM || this.y === MARGIN) return;
    this.pdf.addPage();
    this.y = MARGIN;
  }

  /** Leaves a gap, but not at the top of a page. */
  gap(height: number): void {
    if (this.y > MARGIN) this.y += height;
  }
}
