import type { Block, Section, Thumbnails } from '../document/report-document.ts';
import { type Drawing, FULL_WIDTH } from '../drawing/drawing.ts';
import { elidedInTheMiddle } from '../drawing/text-width.ts';
import { drawOnPage } from './drawing-to-pdf.ts';
import { figuresToPdf } from './figures-to-pdf.ts';
import { COLUMN, MARGIN, type PageFlow } from './page-flow.ts';
import { strokeIn } from './pdf-inks.ts';
import { inStyle, type TextStyle, writeLine } from './pdf-text.ts';
import { winAnsiText } from './win-ansi.ts';

/** Drawings are made for a column of so many pixels. */
const SCALE = COLUMN / FULL_WIDTH;
const BETWEEN_DRAWINGS = 24 * SCALE;

const BODY: TextStyle = { size: 9.5, ink: 'ink' };
const HEADING: TextStyle = { size: 14, ink: 'ink', bold: true };
const SUBHEADING: TextStyle = { size: 10.5, ink: 'ink', bold: true };
const SMALL: TextStyle = { size: 8, ink: 'muted' };
/** A heading stands on the page of what follows it: of a drawing all, of anything else so much. */
const ROOM_BELOW_HEADING = 130;
/** About three lines of text with the gap below them. */
const ROOM_OF_TEXT = 48;

function roomBelowHeading(blocks: readonly Block[]): number {
  const texts = blocks.findIndex(({ kind }) => kind !== 'text');
  const first = blocks[texts];
  if (first?.kind !== 'drawings') return ROOM_BELOW_HEADING;
  return 40 + texts * ROOM_OF_TEXT + (first.drawings[0]?.height ?? 0) * SCALE;
}

export function sectionToPdf(flow: PageFlow, { title, blocks }: Section, thumbnails: Thumbnails): void {
  flow.gap(20);
  flow.makeRoom(roomBelowHeading(blocks));
  strokeIn(flow.pdf.moveTo(MARGIN, flow.y).lineTo(MARGIN + COLUMN, flow.y), 'grid', 0.75).stroke();
  flow.y += 10;
  const shown = elidedInTheMiddle(winAnsiText(title), COLUMN, HEADING.size);
  writeLine(flow.pdf, shown, { x: MARGIN, y: flow.y, top: true }, HEADING);
  flow.y += 26;
  for (const block of blocks) blockToPdf(flow, block, thumbnails);
}

function blockToPdf(flow: PageFlow, block: Block, thumbnails: Thumbnails): void {
  switch (block.kind) {
    case 'text':
      paragraph(flow, block.text, BODY);
      break;
    case 'heading':
      flow.gap(6);
      flow.makeRoom(ROOM_BELOW_HEADING);
      paragraph(flow, block.text, SUBHEADING);
      break;
    case 'drawings':
      drawings(flow, block.drawings, thumbnails);
      break;
    case 'figures':
      figuresToPdf(flow, block.figures, thumbnails);
      paragraph(flow, block.more, SMALL);
      break;
    case 'table':
      for (const row of [block.columns, ...block.rows]) tableRow(flow, row, row === block.columns);
      flow.y += 6;
      paragraph(flow, block.more, SMALL);
      break;
    case 'list':
      for (const item of block.items) paragraph(flow, `•  ${item}`, BODY, 3);
      break;
    default:
      block satisfies never;
  }
}

/** Lines of about 95 characters. */
const TEXT_WIDTH = COLUMN * 0.88;

function paragraph(flow: PageFlow, text: string | undefined, style: TextStyle, below = 7): void {
  if (text === undefined || text === '') return;
  const height = writeText(flow, text, MARGIN, TEXT_WIDTH, style);
  flow.y += height + below;
}

/** Writes wrapped text at the flow's place and returns its height. */
function writeText(flow: PageFlow, text: string, x: number, width: number, style: TextStyle): number {
  const shown = winAnsiText(text);
  const options = { width, lineGap: 2 };
  const height = inStyle(flow.pdf, style).heightOfString(shown, options);
  flow.makeRoom(height);
  inStyle(flow.pdf, style).text(shown, x, flow.y, options);
  return height;
}

function drawings(flow: PageFlow, all: readonly Drawing[], thumbnails: Thumbnails): void {
  for (const row of rowsOf(all)) {
    const height = Math.max(...row.map((drawing) => drawing.height)) * SCALE;
    flow.makeRoom(height);
    let x = MARGIN;
    for (const drawing of row) {
      drawOnPage(flow.pdf, drawing, { x, y: flow.y, scale: SCALE }, thumbnails);
      x += drawing.width * SCALE + BETWEEN_DRAWINGS;
    }
    flow.y += height + 14;
  }
}

/** One that is as wide as the column stands by itself, half ones in pairs. */
function rowsOf(all: readonly Drawing[]): Drawing[][] {
  const rows: Drawing[][] = [];
  for (const drawing of all) {
    const row = rows.at(-1);
    const isHalf = drawing.width * 2 <= FULL_WIDTH;
    if (row?.length === 1 && isHalf && (row[0]?.width ?? 0) * 2 <= FULL_WIDTH) row.push(drawing);
    else rows.push([drawing]);
  }
  return rows;
}

const FIRST_COLUMN = COLUMN * 0.36;
const BETWEEN_COLUMNS = 14;
/** A name or reason that takes more room than this is elided. */
const MOST_CELL_CHARACTERS = 400;

function tableRow(flow: PageFlow, cells: readonly string[], isHead: boolean): void {
  const style: TextStyle = isHead ? SMALL : { ...BODY, size: 8.5 };
  if (isHead && cells.every((cell) => cell === '')) return;
  const rest = (COLUMN - FIRST_COLUMN) / Math.max(1, cells.length - 1);
  const shown = cells.map((text, at) => ({
    text: winAnsiText(elidedInTheMiddle(text, MOST_CELL_CHARACTERS * 5, style.size)),
    x: MARGIN + (at === 0 ? 0 : FIRST_COLUMN + (at - 1) * rest),
    width: (at === 0 ? FIRST_COLUMN : rest) - BETWEEN_COLUMNS,
  }));
  const pdf = inStyle(flow.pdf, style);
  const height = Math.max(...shown.map(({ text, width }) => pdf.heightOfString(text, { width })));
  flow.makeRoom(height + 8);
  for (const { text, x, width } of shown) inStyle(flow.pdf, style).text(text, x, flow.y + 3, { width });
  flow.y += height + 7;
  strokeIn(flow.pdf.moveTo(MARGIN, flow.y).lineTo(MARGIN + COLUMN, flow.y), 'grid', 0.5).stroke();
}
