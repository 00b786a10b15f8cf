import { inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { runDocument } from '#report/document/run-document';
import { shownFileNames } from '#report/document/shown-decisions';
import { pdfReport } from '#report/pdf/pdf-report';
import { winAnsiText } from '#report/pdf/win-ansi';
import { analysed, anImage, aReportedRun, decided } from '../support/report-documents.ts';

const FOREIGN = '写真/猫.jpg';

async function reported(count: number) {
  const input = Array.from({ length: count }, (_, at) => (at === 0 ? anImage(0, FOREIGN) : anImage(at)));
  const analysis = analysed(
    input,
    input.filter((_, at) => at % 6 === 0),
  );
  const { run, header, decisions } = aReportedRun(decided(input, 6), { analysis });
  const pixels = { create: { width: 16, height: 9, channels: 3 as const, background: 'teal' } };
  const thumbnail = { jpeg: await sharp(pixels).jpeg().toBuffer(), width: 16, height: 9 };
  const [withoutOne = '', ...shown] = shownFileNames(analysis, decisions);
  expect(withoutOne).toBe(FOREIGN);
  const thumbnails = new Map(shown.map((name) => [name, thumbnail]));
  return { document: runDocument(run, header, decisions), thumbnails };
}

/** The text that a reader sees: strings of hexadecimal codes, with the font's spacing between them. */
function textOf(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf).toString('latin1');
  const streams = [...bytes.matchAll(/\/FlateDecode\s*>>\s*stream\n([\s\S]*?)\nendstream/g)];
  const contents = streams.map(([, stream = '']) =>
    inflateSync(Buffer.from(stream, 'latin1')).toString('latin1'),
  );
  const shown = contents.join('\n').matchAll(/\[(.*?)\] TJ/g);
  const codes = (array: string) => [...array.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = '']) => hex).join('');
  return [...shown].map(([, array = '']) => Buffer.from(codes(array), 'hex').toString('latin1')).join('\n');
}

describe('report.pdf', () => {
  test('is a PDF of some pages that says what the document says', async () => {
    const { document, thumbnails } = await reported(60);
    const pdf = await pdfReport(document, thumbnails);
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    const text = textOf(pdf);
    for (const { title } of document.sections) expect(text).toContain(title);
    for (const { label } of document.keyFigures) expect(text).toContain(label);
    expect(text).toMatch(/1 \/ \d/);
  });

  test('writes names of other scripts as their codes, and says where a thumbnail is missing', async () => {
    const { document, thumbnails } = await reported(60);
    const text = textOf(await pdfReport(document, thumbnails));
    expect(text).toContain('\\u{5199}');
    expect(text).toContain('no thumbnail');
  });

  test('has the same bytes each time, and each thumbnail once', async () => {
    const { document, thumbnails } = await reported(60);
    const pdf = await pdfReport(document, thumbnails);
    expect(Buffer.compare(pdf, await pdfReport(document, thumbnails))).toBe(0);
    const images = Buffer.from(pdf)
      .toString('latin1')
      .match(/\/Subtype \/Image/g);
    expect(images).toHaveLength(1);
  });

  test('of a run that read nothing is a PDF too', async () => {
    const { run, header } = aReportedRun([]);
    const pdf = await pdfReport(runDocument(run, header, []), new Map());
    expect(textOf(pdf)).toContain('images read');
  });
});

test('a text in the characters of the standard fonts loses nothing', () => {
  expect(winAnsiText('Größe – 3 €, “q”…')).toBe('Größe – 3 €, “q”…');
  expect(winAnsiText('猫\u0007\u{1f600}')).toBe('\\u{732b}\\u{7}\\u{1f600}');
});
