import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';
import type { KeyFigure, ReportDocument, Thumbnails } from '../document/report-document.ts';
import { elidedInTheMiddle } from '../drawing/text-width.ts';
import { sectionToPdf } from './blocks-to-pdf.ts';
import { COLUMN, FOOTER_Y, MARGIN, PageFlow } from './page-flow.ts';
import { strokeIn } from './pdf-inks.ts';
import { type TextStyle, writeLine } from './pdf-text.ts';
import { winAnsiText } from './win-ansi.ts';

const TITLE: TextStyle = { size: 24, ink: 'ink', bold: true };
const MUTED: TextStyle = { size: 9, ink: 'muted' };

/** The document on A4 pages. The same document and thumbnails give the same bytes. */
export async function pdfReport(document: ReportDocument, thumbnails: Thumbnails): Promise<Uint8Array> {
  const date = new Date(document.createdAt);
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: `${document.title}: selection report`,
      Creator: document.colophon,
      Producer: 'pdfkit',
      CreationDate: date,
      ModDate: date,
    },
  });
  const bytes = buffer(pdf as unknown as AsyncIterable<Buffer>);
  const flow = new PageFlow(pdf);
  head(flow, document);
  for (const section of document.sections) sectionToPdf(flow, section, thumbnails);
  pageNumbers(pdf, document.colophon);
  pdf.end();
  return bytes;
}

function head(flow: PageFlow, { title, subtitle, keyFigures }: ReportDocument): void {
  const line = (text: string, style: TextStyle, height: number): void => {
    writeLine(flow.pdf, text, { x: MARGIN, y: flow.y, top: true }, style);
    flow.y += height;
  };
  line('Selection report', MUTED, 15);
  line(elidedInTheMiddle(winAnsiText(title), COLUMN, TITLE.size), TITLE, 34);
  for (const text of subtitle) line(text, MUTED, 13);
  flow.y += 16;
  keyFigureRow(flow, keyFigures);
}

const BETWEEN_FIGURES = 12;

function keyFigureRow(flow: PageFlow, figures: readonly KeyFigure[]): void {
  const width = (COLUMN + BETWEEN_FIGURES) / figures.length - BETWEEN_FIGURES;
  figures.forEach(({ value, label, isMain = false }, at) => {
    const x = MARGIN + at * (width + BETWEEN_FIGURES);
    const ink = isMain ? 'accent' : 'ink';
    strokeIn(flow.pdf.moveTo(x, flow.y).lineTo(x + width, flow.y), isMain ? 'accent' : 'grid', 1.5).stroke();
    writeLine(flow.pdf, value, { x, y: flow.y + 9, top: true }, { size: 17, ink, bold: true });
    writeLine(flow.pdf, label, { x, y: flow.y + 29, top: true }, { size: 7.5, ink: 'muted' });
  });
  flow.y += 44;
}

function pageNumbers(pdf: PDFKit.PDFDocument, colophon: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    const style: TextStyle = { size: 7.5, ink: 'muted' };
    writeLine(pdf, colophon, { x: MARGIN, y: FOOTER_Y }, style);
    const number = `${page - start + 1} / ${count}`;
    writeLine(pdf, number, { x: MARGIN + COLUMN, y: FOOTER_Y, anchor: 'end' }, style);
  }
}
