import { describe, expect, test } from '@jest/globals';
import { reportV2 } from '#contracts/report-v2';
import { principalPlane } from '#platform/embeddings/principal-plane';
import { analyseRun } from '#report/analysis/analyse-run';
import type { AnalysedImage, Project } from '#report/analysis/analysed-image';
import { distancesToCover, distancesWithin, nearestAmong } from '#report/analysis/embedding-distances';
import { distributionPerSet } from '#report/analysis/numeric-distribution';
import { buildReport } from '#report/build-report';
import { openApiSchema } from '../support/openapi-schema.ts';
import { aPlanHeader, aRun } from '../support/runs.ts';
import { describeWithData } from '../support/shared-data.ts';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);

describe('distributions', () => {
  test('sets share the bins, the greatest value is in the last one', () => {
    const drawn = distributionPerSet({ input: [0, 1, 2, 3, 4], selected: [4, 0] }, 4);
    expect(drawn).toMatchObject({ bins: 4, range: [0, 4] });
    expect(drawn.input).toEqual({
      counts: [1, 1, 1, 2],
      metrics: { mean: 2, std: Math.SQRT2, min: 0, median: 2, max: 4 },
    });
    expect(drawn.selected.counts).toEqual([1, 0, 0, 1]);
  });

  test('equal values and no values make no division by zero', () => {
    expect(distributionPerSet({ selected: [7, 7] }, 2).selected.counts).toEqual([2, 0]);
    expect(distributionPerSet({ selected: [] }, 2)).toEqual({
      bins: 2,
      range: [0, 0],
      selected: { counts: [0, 0], metrics: { mean: 0, std: 0, min: 0, median: 0, max: 0 } },
    });
  });
});

describe('distances of embeddings', () => {
  const line = [0, 1, 3, 7].map((at) => vector(at, 0));

  test('nearest neighbours within a set', () => {
    expect(distancesWithin(line)).toEqual([1, 1, 2, 4]);
    expect(distancesWithin(line.slice(0, 1))).toEqual([]);
  });

  test('how far the input is from its cover', () => {
    expect(distancesToCover(line, [vector(1, 0), vector(7, 1)])).toEqual([1, 0, 2, 1]);
    expect(distancesToCover(line, [])).toEqual([]);
  });

  test('long vectors are measured over all their values', () => {
    const far = new Float32Array(100);
    far[99] = 3;
    expect(nearestAmong([far])(new Float32Array(100))).toEqual({ index: 0, distance: 3 });
  });
});

test('the principal plane is that of the two widest directions', () => {
  const points = [-2, -1, 0, 1, 2].flatMap((x) => [-1, 1].map((y) => vector(x * 10, 0.001 * x, y * 3)));
  const project = principalPlane(points);
  const [first, second] = project(vector(20, 0.002, 3));
  expect([Math.abs(first), Math.abs(second)]).toEqual([20, 3]);
});

describe('the report', () => {
  const image = (at: number): AnalysedImage => ({
    fileName: `image-${at}.jpg`,
    embedding: vector(Math.cos(at / 10), Math.sin(at / 10)),
    numbers: { sharpness: at, width: 640 },
  });
  const input = Array.from({ length: 40 }, (_, at) => image(at));
  const everyEighth = input.filter((_, at) => at % 8 === 0);
  const project: Project = (vectors) => vectors.map(([x = 0, y = 0]) => [x, y]);
  const options = { seed: 'a-run', project };
  const analysis = analyseRun({ input, selected: everyEighth, datapool: [image(100)] }, options);

  const run = aRun({ messages: [{ at: 1_700_000_002_500, state: 'GENERATING_REPORT', message: '' }] });
  const header = aPlanHeader(run, {
    firstIndex: 1,
    selected: 5,
    'not-selected': 35,
    corrupt: 2,
    unsupported: 3,
    duplicate: 4,
    refreshed: 1,
  });
  const report = buildReport(run, { ...header, analysis });

  test('every image that was read is counted once', () => {
    expect(report.generalInformation.datasetInformation.datasetSizes).toEqual({
      nInput: 49,
      nCorrupt: 2,
      nDuplicate: 4,
      nRemoved: 38,
      nSelected: 5,
      nPreselectedDatapool: 1,
      nSelectedWithDatapool: 6,
    });
    expect(report.generalInformation.runInformation.totalProcessingTimeS).toBe(2.5);
  });

  test('an even selection covers the input better than a random one', () => {
    const { distanceToCoverInput } = report.datasetAnalysis.embeddingInformation;
    expect(distanceToCoverInput.selected.metrics.max).toBeLessThan(
      distanceToCoverInput.random?.metrics.max ?? 0,
    );
    const [example] = report.generalInformation.selectedAndRemovedImageExamples;
    expect(example?.distance).toBeCloseTo(2 * Math.sin(0.05), 5);
  });

  test('the same run draws the same random images', () => {
    expect(analyseRun({ input, selected: everyEighth, datapool: [image(100)] }, options)).toEqual(analysis);
  });

  test('it keeps to its schema, with and without images', () => {
    expect(reportV2.parse(report)).toEqual(report);
    expect(reportV2.parse(buildReport(run, header))).toBeTruthy();
  });

  describeWithData('the schema of the protocol', 'facts/lightly-openapi.json', (path) => {
    test('takes it', () => {
      const schema = openApiSchema(path, 'ReportV2');
      expect(schema.safeParse(report).error).toBeUndefined();
      expect(schema.safeParse({ ...report, surprise: 1 }).success).toBe(false);
    });
  });
});
