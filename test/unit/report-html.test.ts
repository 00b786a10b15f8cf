import { describe, expect, test } from '@jest/globals';
import type { RunDecision } from '#contracts/run-plan';
import type { Thumbnail } from '#report/document/report-document';
import { runDocument } from '#report/document/run-document';
import { shownFileNames } from '#report/document/shown-decisions';
import { htmlReport } from '#report/html/html-report';
import { analysed, anImage, aReportedRun, decided } from '../support/report-documents.ts';

const HOSTILE = '"><img src=x onerror=alert(1)>\u202e\u0007.jpg';
const thumbnail: Thumbnail = { jpeg: Buffer.from('a thumbnail'), width: 8, height: 8 };

function reportOf(count: number, more: readonly RunDecision[] = [], hostile = 'image-000.jpg') {
  const input = Array.from({ length: count }, (_, at) => (at === 0 ? anImage(0, hostile) : anImage(at)));
  const selected = input.filter((_, at) => at % 6 === 0);
  const analysis = analysed(input, selected);
  const { run, header, decisions } = aReportedRun([...decided(input, 6), ...more], {
    analysis,
    configuration: ['Select 10 images.'],
  });
  const thumbnails = new Map(shownFileNames(analysis, decisions).map((name) => [name, thumbnail]));
  return {
    html: htmlReport(runDocument(run, header, decisions), thumbnails),
    run,
    header,
    decisions,
    thumbnails,
  };
}

const copy = (at: number): RunDecision => ({
  fileName: `copy-${at}.jpg`,
  registeredAt: 1,
  outcome: 'duplicate',
  reason: 'The same bytes.',
  keptAs: 'image-001.jpg',
});

describe('report.html', () => {
  test('needs nothing from anywhere else', () => {
    const { html } = reportOf(60, [copy(1)]);
    expect(html).not.toMatch(/<script|<link|@import|url\(/i);
    const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.every((source) => source?.startsWith('data:image/jpeg;base64,'))).toBe(true);
  });

  test('tells what was selected, why, how well and how long it took', () => {
    const { html } = reportOf(60, [copy(1)]);
    for (const said of [
      '<h1>shop</h1>',
      '<b>10</b><span>selected</span>',
      'Select 10 images.',
      'Exact duplicates',
      'copy-1.jpg',
      'To the nearest other image of the set',
      'Predictions: objects',
      'shop.camera',
      'Loading dataset',
      'a'.repeat(24),
    ]) {
      expect(html).toContain(said);
    }
  });

  test('shows a name from a stranger as text', () => {
    const { html } = reportOf(12, [], HOSTILE);
    expect(html).not.toContain('<img src=x');
    expect(html).toContain('&quot;&gt;&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('\u0007');
    expect(html).toContain("default-src 'none'");
  });

  test('stays small and limits its galleries, however many there are', () => {
    const copies = Array.from({ length: 5_000 }, (_, at) => copy(at));
    const { html, thumbnails } = reportOf(3_000, copies);
    expect(html).toContain('and 4,988 more: see selection.csv');
    expect(thumbnails.size).toBeLessThan(200);
    expect(html.length).toBeLessThan(1_000_000);
  });

  test('of a run that read nothing is a report too', () => {
    const { run, header } = aReportedRun([]);
    const html = htmlReport(runDocument(run, header, []), new Map());
    expect(html).toContain('<b>0</b><span>images read</span>');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('has no number that is none', () => {
    expect(reportOf(60).html).not.toMatch(/NaN|Infinity|undefined/);
  });
});
