import { describe, expect, test } from '@jest/globals';
import { reportV2 } from '#contracts/report-v2';
import { categoricalPerSet, countEach } from '#report/analysis/categorical-distribution';
import { exampleSpots } from '#report/analysis/example-spots';
import { spread } from '#report/analysis/image-sets';
import { buildReport } from '#report/build-report';
import { openApiSchema } from '../support/openapi-schema.ts';
import { analysed, anImage, aReportedRun, decided } from '../support/report-documents.ts';
import { describeWithData } from '../support/shared-data.ts';

const input = Array.from({ length: 60 }, (_, at) => anImage(at));
const selected = input.filter((_, at) => at % 6 === 0);
const analysis = analysed(input, selected);

describe('categories of several sets', () => {
  const perSet = (inputCounts: Record<string, number>, selectedCounts: Record<string, number> = {}) =>
    categoricalPerSet({
      input: new Map(Object.entries(inputCounts)),
      selected: new Map(Object.entries(selectedCounts)),
      random: new Map(),
    });

  test('are listed alike in each, the most frequent of the input first', () => {
    const { input: before, selected: after } = perSet({ cat: 1, dog: 5 }, { cow: 2 });
    expect(Object.entries(before.counts)).toEqual([
      ['dog', 5],
      ['cat', 1],
      ['cow', 0],
    ]);
    expect(after.counts).toEqual({ dog: 0, cat: 0, cow: 2 });
  });

  test('are measured by Gini coefficient and entropy, from even to all in one', () => {
    const even = perSet({ a: 4, b: 4, c: 4 }).input.metrics;
    expect(even.giniImbalance).toBeCloseTo(0, 12);
    expect(even.normalizedEntropy).toBeCloseTo(1, 12);
    const { metrics } = perSet({ a: 0, b: 0, c: 9 }).input;
    expect(metrics.giniImbalance).toBeCloseTo(2 / 3, 12);
    expect(metrics.normalizedEntropy).toBeCloseTo(0, 12);
    expect(perSet({ a: 7 }).input.metrics).toEqual({ giniImbalance: 0, normalizedEntropy: 0 });
  });

  test('that are too many are counted together', () => {
    const counts = countEach(Array.from({ length: 150 }, (_, at) => `category ${at}`));
    const listed = categoricalPerSet({ input: counts, selected: new Map(), random: new Map() }).input.counts;
    expect(Object.keys(listed)).toHaveLength(101);
    expect(listed['(others)']).toBe(50);
  });
});

describe('predictions', () => {
  const task = analysis.predictionTaskInformation.objects;

  test('are counted by object, by image and by object of an image', () => {
    expect(task?.categoryDistribution.input.counts).toEqual({ 0: 40, 1: 20 });
    expect(task?.categoryDistribution.selected.counts).toEqual({ 0: 0, 1: 0 });
    expect(task?.categoryToImageWithCategoryCount?.input.counts).toEqual({ 0: 40, 1: 20 });
    expect(task?.categoryToCountsPerSample['1']?.input?.metrics).toMatchObject({ min: 0, max: 1, median: 0 });
    expect(task?.categoryIdToName).toEqual({ 0: 'cat', 1: 'dog' });
  });

  test('have their scores, and the distances of their crops', () => {
    expect(Object.keys(task?.activeLearningScoreDistributions ?? {})).toEqual(['uncertainty_entropy']);
    expect(task?.predictionScoreDistribution?.input?.metrics.mean).toBe(0.5);
    const crops = task?.detectionTaskInformation?.cropEmbeddingInformation;
    expect(crops?.distanceToNearestNeighborInSet.input?.metrics.median).toBe(1);
    expect(crops?.distanceToNearestNeighborInSet.selected.metrics.median).toBe(6);
  });

  test('show boxes of selected images', () => {
    const odd = analysed(input, [anImage(4)]).predictionTaskInformation.objects;
    expect(odd?.detectionTaskInformation?.bboxExamples).toEqual([
      {
        filename: 'image-004.jpg',
        predictions: [{ categoryId: 0, score: 0.5, bbox: [0, 0, 10, 10], epsilon: 0 }],
      },
    ]);
  });
});

test('custom metadata is numeric where all its values are numbers', () => {
  const { customNumeric, customCategorical } = analysis.datasetAnalysis.metadataInformation;
  expect(customNumeric['shop.price']?.input?.metrics.max).toBe(59);
  expect(customCategorical['shop.camera']?.input.counts).toEqual({ right: 40, left: 20 });
});

test('numbers of any size, and names that objects have by themselves, make a report of numbers', () => {
  const odd = [1e308, -1e308, 1e308].map((value, at) => ({
    ...anImage(at),
    custom: { value, ...(at === 0 && { valueOf: 'Opel' }) },
    predictions: {},
    crops: {},
  }));
  const { datasetAnalysis, predictionTaskInformation } = analysed(odd, odd.slice(1), { name: 'valueOf' });
  const { customNumeric, customCategorical } = datasetAnalysis.metadataInformation;
  expect(customNumeric.value?.input?.counts).toEqual([1, ...new Array(18).fill(0), 2]);
  const { mean, std, median } = customNumeric.value!.input!.metrics;
  expect([mean, std, median]).toEqual([
    expect.closeTo(1e308 / 3, -300),
    expect.closeTo(9.428e307, -305),
    1e308,
  ]);
  expect(customCategorical['valueOf']?.input.counts).toEqual({ Opel: 1 });
  expect(predictionTaskInformation['valueOf']?.categoryDistribution.input.counts).toEqual({});
  const written: unknown = JSON.parse(JSON.stringify({ datasetAnalysis, predictionTaskInformation }));
  expect(written).toEqual({ datasetAnalysis, predictionTaskInformation });
});

test('both planes show input and selection', () => {
  const { pcaEmbeddingData, umapEmbeddingData } =
    analysis.datasetAnalysis.embeddingInformation.scatterPlotData;
  for (const plot of [pcaEmbeddingData, umapEmbeddingData]) {
    expect(plot.input2dEmbeddings).toHaveLength(60);
    expect(plot.selectedExcludingDatapool2dEmbeddings).toHaveLength(10);
    expect(plot.exampleImages.length).toBeGreaterThan(5);
  }
});

test('examples are far from each other, and equal points give one', () => {
  expect(
    exampleSpots([
      [0, 0],
      [1, 0],
      [10, 0],
      [5, 0],
    ]),
  ).toEqual([0, 2, 3, 1]);
  expect(
    exampleSpots([
      [1, 1],
      [1, 1],
    ]),
  ).toEqual([0]);
  expect(exampleSpots([])).toEqual([]);
});

test('what stands for a large set is spread over all of it', () => {
  const all = Array.from({ length: 1_000 }, (_, at) => at);
  const few = spread(all, 10);
  expect(few).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  expect(spread(all, 1_000)).toBe(all);
});

describe('a report with predictions', () => {
  const { run, header } = aReportedRun(decided(input, 6), { analysis });
  const report = buildReport(run, header);

  test('keeps to its schema', () => expect(reportV2.parse(report)).toEqual(report));

  describeWithData('the schema of the protocol', 'facts/lightly-openapi.json', (path) => {
    test('takes it', () => {
      expect(openApiSchema(path, 'ReportV2').safeParse(report).error).toBeUndefined();
    });
  });
});
