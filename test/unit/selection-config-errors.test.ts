import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import {
  DEFAULT_SELECTION,
  type SelectionConfig,
  type SelectionEntry,
  selectionEntry,
} from '#contracts/selection-config';
import { checkSelectionConfig, select } from '#selection/select';

const RANDOM: SelectionEntry = { input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } };
const METADATA = { type: 'METADATA', key: 'lightly.sharpness' } as const;
const WEIGHTS = { type: 'WEIGHTS' } as const;
const DIVERSITY = { type: 'DIVERSITY' } as const;
const EMBEDDINGS = { type: 'EMBEDDINGS' } as const;
const SCORES = { type: 'SCORES', task: 'cars', score: 'uncertainty_margin' } as const;
const COUNT = { type: 'PREDICTIONS', task: 'cars', name: 'CATEGORY_COUNT' } as const;
const KIND = { type: 'METADATA', key: 'kind' } as const;
const BALANCE = { type: 'BALANCE', distribution: 'UNIFORM' } as const;
const THRESHOLD = { type: 'THRESHOLD', threshold: 1, operation: 'BIGGER' } as const;

/** What is refused, and how the message begins. Each stands second in the list of strategies. */
const REFUSED: readonly [unknown, unknown, string][] = [
  [
    SCORES,
    DIVERSITY,
    'strategies[1].strategy.type: SCORES with DIVERSITY is not supported. Supported with SCORES are THRESHOLD, WEIGHTS; DIVERSITY is supported with EMBEDDINGS, EMBEDDINGS of a task.',
  ],
  [
    { type: 'SCORES', score: 'x' },
    WEIGHTS,
    'strategies[1].input.task is missing: SCORES with WEIGHTS needs it.',
  ],
  [{ type: 'SCORES', task: 'x' }, WEIGHTS, 'strategies[1].input.score is missing'],
  [{ type: 'PREDICTIONS' }, BALANCE, 'strategies[1].input.name is missing: PREDICTIONS need it.'],
  [
    { ...COUNT, name: 'CLASS_DISTRIBUTION' },
    WEIGHTS,
    'strategies[1].strategy.type: PREDICTIONS CLASS_DISTRIBUTION with WEIGHTS is not supported. Supported with PREDICTIONS CLASS_DISTRIBUTION are BALANCE; WEIGHTS is supported with',
  ],
  [
    { type: 'PREDICTIONS', name: 'CATEGORY_COUNT' },
    BALANCE,
    'strategies[1].input.task is missing: PREDICTIONS CATEGORY_COUNT with BALANCE needs it.',
  ],
  [COUNT, DIVERSITY, 'strategies[1].strategy.type: PREDICTIONS CATEGORY_COUNT with DIVERSITY'],
  [EMBEDDINGS, WEIGHTS, 'strategies[1].strategy.type: EMBEDDINGS with WEIGHTS is not supported.'],
  [EMBEDDINGS, { type: 'SIMILARITY' }, 'strategies[1].input.datasetId is missing'],
  [
    { ...EMBEDDINGS, task: 'cars' },
    { type: 'TYPICALITY' },
    'strategies[1].input.task is not supported for EMBEDDINGS with TYPICALITY. Supported fields: type.',
  ],
  [
    EMBEDDINGS,
    { type: 'TYPICALITY', stoppingConditionMaxSum: 2 },
    'strategies[1].strategy.stoppingConditionMaxSum is not supported for EMBEDDINGS with TYPICALITY. Supported fields: type, numNearestNeighbors, stoppingConditionMinimumTypicality, strength.',
  ],
  [
    METADATA,
    BALANCE,
    "strategies[1].input.key: 'lightly.sharpness' is a measurement and has no categories to balance. Use it with WEIGHTS or THRESHOLD,",
  ],
  [
    KIND,
    { type: 'BALANCE' },
    'strategies[1].strategy.target is missing: BALANCE needs a share for at least one class',
  ],
  [KIND, { type: 'BALANCE', target: {} }, 'strategies[1].strategy.target is missing'],
  [
    KIND,
    { type: 'BALANCE', target: { a: 0.7, b: 0.4 } },
    'strategies[1].strategy.target: expected shares that add up to more than 0 and at most 1 but received 1.1. What is left to 1 goes to all other classes.',
  ],
  [KIND, { type: 'BALANCE', target: { a: 0 } }, 'strategies[1].strategy.target: expected shares that add up'],
  [
    KIND,
    { ...BALANCE, target: { a: 1 } },
    'strategies[1].strategy.target: expected no target with distribution UNIFORM. Remove it, or set distribution to TARGET.',
  ],
  [
    METADATA,
    { ...WEIGHTS, targetRange: { minSum: 3, maxSum: 2 } },
    'strategies[1].strategy.targetRange: expected minSum of at most maxSum but received 3 and 2.',
  ],
  [METADATA, DIVERSITY, 'strategies[1].strategy.type: METADATA with DIVERSITY'],
  [{ type: 'RANDOM' }, DIVERSITY, 'strategies[1].strategy.type: RANDOM with DIVERSITY'],
  [{ ...EMBEDDINGS, tagName: 'query' }, DIVERSITY, 'strategies[1].input.tagName is not supported'],
  [
    { ...METADATA, randomSeed: 1 },
    WEIGHTS,
    'strategies[1].input.randomSeed is not supported for METADATA with WEIGHTS. Supported fields: type, key.',
  ],
  [
    { type: 'RANDOM' },
    { ...WEIGHTS, stoppingConditionMaxSum: 4 },
    'strategies[1].strategy.stoppingConditionMaxSum is not supported for RANDOM with WEIGHTS. Supported fields: type, strength.',
  ],
  [
    METADATA,
    { ...THRESHOLD, strength: 2 },
    'strategies[1].strategy.strength is not supported for METADATA with THRESHOLD.',
  ],
  [{ type: 'METADATA' }, WEIGHTS, 'strategies[1].input.key is missing: METADATA with WEIGHTS needs it.'],
  [METADATA, { type: 'THRESHOLD', operation: 'BIGGER' }, 'strategies[1].strategy.threshold is missing'],
  [METADATA, { type: 'THRESHOLD', threshold: 0 }, 'strategies[1].strategy.operation is missing'],
  [
    { ...METADATA, key: 'lightly.sharpnes' },
    WEIGHTS,
    "strategies[1].input.key: 'lightly.sharpnes' is not a computed fact. Computed facts are lightly.sharpness, lightly.snr,",
  ],
  [
    { ...METADATA, key: 'lightly.mean' },
    THRESHOLD,
    "strategies[1].input.key: 'lightly.mean' is not a computed fact.",
  ],
  [
    EMBEDDINGS,
    { ...DIVERSITY, stopping_condition_minimum_distance: -0.1 },
    'strategies[1].strategy.stopping_condition_minimum_distance: expected 0 or more but received -0.1.',
  ],
];

describe('a configuration that cannot be carried out', () => {
  test.each(REFUSED)('%j with %j', async (input, strategy, message) => {
    // The schema of the protocol takes it: what is refused here is what this worker can't do.
    const entry = selectionEntry.parse({ input, strategy });
    const config = { nSamples: 1, strategies: [RANDOM, entry] };
    expect(() => checkSelectionConfig(config)).toThrow(InvalidInputError);
    const failure = await select({ config, candidates: [], preselected: [] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(InvalidInputError);
    expect((failure as InvalidInputError).message.slice(0, message.length)).toBe(message);
  });

  const tiles = { type: 'TILING', name: 'tiles', numRows: 2, numCols: 2, overlap: 0 } as const;
  const ofTiles = { type: 'EMBEDDINGS', task: 'tiles' } as const;
  test.each<[Pick<SelectionConfig, 'strategies' | 'autoTasks'>, string]>([
    [
      { strategies: [RANDOM], autoTasks: [tiles, { type: 'CROP', name: 'tiles', bboxs: [[0, 0, 1, 1]] }] },
      "autoTasks[1].name: there is another task 'tiles' before.",
    ],
    [
      { strategies: [RANDOM, { input: { ...COUNT, task: 'tiles' }, strategy: WEIGHTS }], autoTasks: [tiles] },
      "strategies[1].input.task: 'tiles' is the task of autoTasks[0], which has no predictions.",
    ],
    [
      { strategies: [RANDOM], autoTasks: [{ ...tiles, overlap: 1 }] },
      'autoTasks[0].overlap: expected less than 1 but received 1.',
    ],
    [
      { strategies: [RANDOM], autoTasks: [{ ...tiles, numRows: 1e9, numCols: 1e9 }] },
      'autoTasks[0].numRows: expected at most 1000 tiles of an image but received 1000000000 × 1000000000.',
    ],
    [
      { strategies: [RANDOM], autoTasks: [{ type: 'CROP', name: 'top', bboxs: [[0.5, 0, 0.5, 1]] }] },
      'autoTasks[0].bboxs[0]: expected x and y of the left upper and the right lower corner but received [0.5,0,0.5,1].',
    ],
  ])('%j is refused', (config, message) => {
    expect(() => checkSelectionConfig({ nSamples: 1, ...config })).toThrow(message);
    const sound = { nSamples: 1, strategies: [{ input: ofTiles, strategy: DIVERSITY }], autoTasks: [tiles] };
    expect(() => checkSelectionConfig(sound)).not.toThrow();
  });

  test('a class may be called like a method', () => {
    const target = { toString: 0.5, constructor: 0.5 } as unknown as Record<string, number>;
    const strategies = [
      { input: KIND, strategy: { type: 'BALANCE' as const, target } },
      { input: KIND, strategy: BALANCE },
    ];
    expect(() => checkSelectionConfig({ nSamples: 1, strategies })).not.toThrow();
  });

  test('the default and every computed fact are accepted', () => {
    expect(() => checkSelectionConfig(DEFAULT_SELECTION)).not.toThrow();
    const keys = ['sharpness', 'snr', 'sizeInBytes', 'width', 'height', 'meanRed', 'meanGreen', 'meanBlue'];
    for (const key of [...keys, 'contrast', 'luminance', 'uniformRowRatio']) {
      const input = { type: 'METADATA', key: `lightly.${key}` } as const;
      expect(() =>
        checkSelectionConfig({ nSamples: 1, strategies: [{ input, strategy: THRESHOLD }] }),
      ).not.toThrow();
    }
  });
});
