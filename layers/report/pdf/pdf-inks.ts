import type { Ink } from '../drawing/drawing.ts';

/** The light colours of the style sheet, as they are printed. */
const COLOURS: Readonly<Record<Ink, { readonly colour: string; readonly opacity?: number }>> = {
  ink: { colour: '#16191d' },
  muted: { colour: '#667080' },
  grid: { colour: '#dfe3e8' },
  accent: { colour: '#17609e' },
  accentSoft: { colour: '#17609e', opacity: 0.22 },
  baseline: { colour: '#c76a15' },
  baselineSoft: { colour: '#c76a15', opacity: 0.22 },
  neutral: { colour: '#aab2bd' },
  neutralSoft: { colour: '#e3e7ec' },
};

export const PANEL_COLOUR = '#f5f6f8';

export const fillIn = (pdf: PDFKit.PDFDocument, ink: Ink): PDFKit.PDFDocument =>
  pdf.fillColor(COLOURS[ink].colour, COLOURS[ink].opacity ?? 1);

export const strokeIn = (pdf: PDFKit.PDFDocument, ink: Ink, width: number): PDFKit.PDFDocument =>
  pdf.lineWidth(width).strokeColor(COLOURS[ink].colour, COLOURS[ink].opacity ?? 1);
