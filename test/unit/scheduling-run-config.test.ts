import { describe, expect, test } from '@jest/globals';
import type { WorkerConfigVersion } from '#contracts/worker-config';
import { runConfigOf } from '#platform/scheduling/run-config';

const read = (version: WorkerConfigVersion, config: object) =>
  runConfigOf({ version, document: JSON.stringify({ workerType: 'FULL', ...config }) });
const DIVERSE = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];

const DEFAULTS = {
  corruptnessCheck: { corruptionThreshold: 0.1 },
  datasource: { processAll: false, enableDatapoolUpdate: true, bypassVerify: false },
  useDatapool: false,
  normalizeEmbeddings: true,
  selectedSequenceLength: 1,
  enableTraining: false,
  crops: { enableUpload: true },
  uploadReport: true,
  shutdownWhenJobFinished: false,
};

describe('what a run does by a worker config', () => {
  test('has the defaults of the protocol, not those of the pipeline', () => {
    expect(read('V4', {}).docker).toEqual(DEFAULTS);
  });

  test.each(['V0', 'V2', 'V3'] as const)(
    'uses the datapool by %s, which knows no switch for it',
    (version) => {
      expect(read(version, {}).docker.useDatapool).toBe(true);
    },
  );

  test('is what was asked, the distance being snake case on the wire', () => {
    const strategy = { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.2 };
    const selection = {
      nSamples: -1,
      proportionSamples: 0.5,
      strategies: [{ input: { type: 'EMBEDDINGS' }, strategy }],
    };
    const docker = {
      corruptnessCheck: { corruptionThreshold: 0 },
      datasource: { processAll: true },
      useDatapool: true,
    };
    expect(read('V4', { docker, selection: { ...selection, lightlyPathRegex: null } })).toEqual({
      docker: { ...DEFAULTS, ...docker, datasource: { ...DEFAULTS.datasource, processAll: true } },
      selection,
      ignored: [],
    });
  });

  test('names what is not known to this worker, and not what changes nothing', () => {
    const docker = {
      ...{
        enableTraining: true,
        pretaggingUpload: false,
        numThreads: 4,
        uploadReport: false,
        pretagging: true,
      },
      datasource: { enableDatapoolUpdate: false, bypassVerify: true },
    };
    const selection = { nSamples: 1, strategies: DIVERSE, lightlyPathRegex: '(?<a>.*)' };
    const { ignored } = read('V4', {
      docker,
      lightly: { trainer: { maxEpochs: 3 }, model: { width: 2 } },
      selection,
    });
    expect(ignored).toEqual(['docker.pretagging', 'lightly.model.width']);
  });

  test('trains with the defaults of the protocol, where it is to train', () => {
    const docker = { enableTraining: true };
    const lightly = { model: { numFtrs: 64, outDim: 128 }, criterion: null, collate: { minScale: 0.5 } };
    const { training } = read('V3', { docker, lightly });
    expect(training).toMatchObject({
      seed: 1,
      model: { numFtrs: 64 },
      criterion: { temperature: 0.5 },
      collate: { minScale: 0.5, hfProb: 0.5 },
    });
    expect(read('V3', { lightly }).training).toBeUndefined();
    expect(() => read('V3', { docker, lightly: { model: { numFtrs: 0 } } })).toThrow(/lightly.*numFtrs/);
  });

  test('at object level chooses for the diversity of the objects', () => {
    const docker = { objectLevel: { taskName: 'cars', padding: 0.1 }, stoppingCondition: { nSamples: 5 } };
    const { selection, docker: known, ignored } = read('V2', { docker });
    expect(selection.strategies).toEqual([
      { input: { type: 'EMBEDDINGS', task: 'cars' }, strategy: { type: 'DIVERSITY' } },
    ]);
    expect(known.objectLevel).toEqual({ taskName: 'cars', padding: 0.1 });
    expect(ignored).toEqual([]);
  });

  test('without a selection chooses every image', () => {
    expect(read('V4', {}).selection).toMatchObject({
      proportionSamples: 1,
      strategies: [{ input: { type: 'RANDOM' } }],
    });
  });

  test.each([
    [
      { method: 'coreset', stoppingCondition: { nSamples: 7, minDistance: 0.1 } },
      { nSamples: 7 },
      'DIVERSITY',
      0.1,
    ],
    [
      { stoppingCondition: { nSamples: 0.25, minDistance: -1 } },
      { proportionSamples: 0.25 },
      'DIVERSITY',
      undefined,
    ],
    [{ method: 'random', stoppingCondition: { nSamples: 3 } }, { nSamples: 3 }, 'WEIGHTS', undefined],
    [{ stoppingCondition: { nSamples: -1 } }, { proportionSamples: 1 }, 'WEIGHTS', undefined],
  ])('without a selection by V2 %j', (docker, many, type, distance) => {
    const { selection } = read('V2', { docker });
    expect(selection).toMatchObject(many);
    expect(selection.strategies[0]?.strategy).toMatchObject({ type });
    expect(selection.strategies[0]?.strategy.stopping_condition_minimum_distance).toBe(distance);
  });

  test.each([
    [{ selection: { strategies: DIVERSE } }, /exactly one of nSamples and proportionSamples/],
    [{ selection: { nSamples: 1, proportionSamples: 0.1, strategies: DIVERSE } }, /exactly one/],
    [{ docker: { useDatapool: 'yes' } }, /useDatapool/],
    [
      {
        selection: {
          ...{ nSamples: 1, strategies: DIVERSE },
          autoTasks: [{ type: 'TILING', name: 'tiles', numRows: 2, numCols: 2, overlap: 1 }],
        },
      },
      /overlap.*less than a whole tile/,
    ],
    [{ docker: { relevantFilenamesFile: 'a.txt' } }, /relevantFilenamesFile: must be below '.lightly\/'/],
    [
      { docker: { enableTraining: true, checkpointRunId: 'a'.repeat(24) } },
      /docker.*checkpointRunId: give either/,
    ],
    [{ docker: { enableTraining: true, embeddings: 'a.csv' } }, /docker.*enableTraining: training needs/],
    [{ docker: { objectLevel: { cropDatasetName: '/' } } }, /docker.*objectLevel.cropDatasetName/],
  ])('that no run could do is refused: %j', (config, message) => {
    expect(() => read('V0', config)).toThrow(message);
    expect(() => read('V0', config)).toThrow(
      expect.objectContaining({ apiCode: 'DOCKER_WORKER_CONFIG_INVALID' }),
    );
  });

  test('a document of any depth costs no memory', () => {
    const deep = `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`;
    const { ignored } = runConfigOf({ version: 'V0', document: `{"workerType":"FULL","docker":${deep}}` });
    expect(ignored).toEqual(['docker.a.a.a']);
  });
});
