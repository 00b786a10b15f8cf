import type { Figure, ShownImage, Thumbnails } from '../document/report-document.ts';
import { elidedInTheMiddle } from '../drawing/text-width.ts';
import { COLUMN, MARGIN, type PageFlow } from './page-flow.ts';
import { drawThumbnail } from './pdf-images.ts';
import { strokeIn } from './pdf-inks.ts';
import { type TextStyle, writeLine } from './pdf-text.ts';
import { winAnsiText } from './win-ansi.ts';

/** Six single images, or three pairs, to a row. */
const SIDE = 76;
const BETWEEN_IMAGES = 6;
const BETWEEN_SINGLE_FIGURES = 8;
const BETWEEN_FIGURES = 12;
const LINE = 9.5;
const SMALL: TextStyle = { size: 7, ink: 'muted' };

/** Lays figures out in rows and breaks pages between rows. */
export function figuresToPdf(flow: PageFlow, figures: readonly Figure[], thumbnails: Thumbnails): void {
  for (const row of rowsOf(figures)) {
    const height = Math.max(...row.map(heightOf));
    flow.makeRoom(height);
    let x = MARGIN;
    for (const figure of row) {
      drawFigure(flow, figure, x, thumbnails);
      x += widthOf(figure) + gapAfter(figure);
    }
    flow.y += height + 12;
  }
}

function rowsOf(figures: readonly Figure[]): Figure[][] {
  const rows: Figure[][] = [];
  let left = 0;
  for (const figure of figures) {
    const row = rows.at(-1);
    if (row && left >= widthOf(figure)) row.push(figure);
    else {
      rows.push([figure]);
      left = COLUMN;
    }
    left -= widthOf(figure) + gapAfter(figure);
  }
  return rows;
}

const widthOf = ({ images }: Figure): number => images.length * (SIDE + BETWEEN_IMAGES) - BETWEEN_IMAGES;
const gapAfter = ({ images }: Figure): number =>
  images.length > 1 ? BETWEEN_FIGURES : BETWEEN_SINGLE_FIGURES;
const hasLabels = ({ images }: Figure): boolean => images.some(({ label }) => label !== undefined);
const heightOf = (figure: Figure): number =>
  SIDE + 3 + LINE * (1 + Number(hasLabels(figure)) + Number(figure.caption !== undefined));

function drawFigure({ pdf, y }: PageFlow, figure: Figure, x: number, thumbnails: Thumbnails): void {
  figure.images.forEach((image, at) => {
    drawImage(pdf, image, { x: x + at * (SIDE + BETWEEN_IMAGES), y, side: SIDE }, thumbnails);
  });
  if (figure.caption === undefined) return;
  const below = y + heightOf(figure) - LINE;
  writeLine(pdf, figure.caption, { x, y: below, top: true }, SMALL);
}

function drawImage(
  pdf: PDFKit.PDFDocument,
  { fileName, label, isChosen = false }: ShownImage,
  spot: { readonly x: number; readonly y: number; readonly side: number },
  thumbnails: Thumbnails,
): void {
  const { x, y, side } = spot;
  drawThumbnail(pdf, fileName, spot, thumbnails);
  if (isChosen) strokeIn(pdf.rect(x + 0.6, y + 0.6, side - 1.2, side - 1.2), 'accent', 1.2).stroke();
  let below = y + side + 4;
  if (label !== undefined) {
    writeLine(pdf, label, { x, y: below, top: true }, { ...SMALL, ink: isChosen ? 'accent' : 'muted' });
    below += LINE;
  }
  const name = elidedInTheMiddle(winAnsiText(fileName), side, SMALL.size);
  writeLine(pdf, name, { x, y: below, top: true }, { ...SMALL, ink: 'ink' });
}
