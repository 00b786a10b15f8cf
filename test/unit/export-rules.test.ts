import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exportManifest } from '#contracts/export-manifest';
import type { ExportRecord } from '#contracts/export-record';
import type { ExportFormat } from '#contracts/settings';
import { buildExportManifest } from '#platform/exports/build-export-manifest';
import { rangesOf } from '#platform/tags/index-ranges';
import { newId } from '../support/documents.ts';

describe('ranges of indexes', () => {
  test('hold the same indexes, none twice, with a gap between any two', () => {
    const indexes = fc.uniqueArray(fc.nat(200)).map((drawn) => drawn.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(indexes, (ascending) => {
        const ranges = [...rangesOf(ascending)];
        const filled = ranges.flatMap(({ from, to }) =>
          Array.from({ length: to - from }, (_, at) => from + at),
        );
        expect(filled).toEqual(ascending);
        ranges.slice(1).forEach(({ from }, at) => {
          expect(from).toBeGreaterThan(ranges[at]!.to);
        });
      }),
    );
  });
});

describe('the manifest of an export', () => {
  const completedAt = Date.UTC(2026, 0, 1);
  const run = {
    datasetName: 'shop',
    runId: newId(),
    tagName: 'a tag',
    completedAt,
    readUrls: 'signed' as const,
    readUrlExpirySeconds: 3600,
  };
  const record = (format: ExportFormat, readUrlsExpireAt?: number): ExportRecord => ({
    datasetId: newId(),
    runId: run.runId,
    format,
    fileName: `${format}.json`,
    rows: 2,
    bytes: 10,
    sha256: 'ab',
    ...(readUrlsExpireAt !== undefined && { readUrlsExpireAt }),
    writtenAt: 5,
  });

  test('names every file by format, whatever the order in which they were written', () => {
    const manifest = buildExportManifest(run, [record('sama', completedAt + 3_600_000), record('csv')]);
    expect(manifest.files.map(({ format }) => format)).toEqual(['csv', 'sama']);
    expect(manifest).toMatchObject({ dataset: 'shop', tag: 'a tag', created: '2026-01-01T00:00:00.000Z' });
    expect(exportManifest.parse(manifest)).toEqual(manifest);
  });

  test('says when the read URLs end, and whether the setting or the credentials end them', () => {
    const asSet = buildExportManifest(run, [record('sama', completedAt + 3_600_000)]);
    expect(asSet.readUrls).toEqual({
      kind: 'signed',
      signedAt: '2026-01-01T00:00:00.000Z',
      expireAt: '2026-01-01T01:00:00.000Z',
      limitedBy: 'setting',
    });
    const earlier = [record('sama', completedAt + 3_600_000), record('coco', completedAt + 60_000)];
    expect(buildExportManifest(run, earlier).readUrls).toMatchObject({
      expireAt: '2026-01-01T00:01:00.000Z',
      limitedBy: 'credentials',
    });
    expect(buildExportManifest(run, [record('csv')])).not.toHaveProperty('readUrls');
  });

  test('says why read URLs are not of the kind that was asked for', () => {
    const manifest = buildExportManifest(run, [
      { ...record('sama', completedAt + 3_600_000), readUrls: 'redirect' },
    ]);
    expect(manifest.readUrls).toMatchObject({ kind: 'redirect', reason: expect.stringContaining('role') });
    expect(exportManifest.parse(manifest)).toEqual(manifest);
  });
});
