import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { DEFAULT_SELECTION, type SelectionEntry, selectionEntry } from '#contracts/selection-config';
import { checkSelectionConfig, select } from '#selection/select';

const SUPPORTED =
  'Supported are EMBEDDINGS with DIVERSITY, METADATA with THRESHOLD, METADATA with WEIGHTS, RANDOM with WEIGHTS.';
const RANDOM: SelectionEntry = { input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } };
const METADATA = { type: 'METADATA', key: 'lightly.sharpness' } as const;
const WEIGHTS = { type: 'WEIGHTS' } as const;
const DIVERSITY = { type: 'DIVERSITY' } as const;
const EMBEDDINGS = { type: 'EMBEDDINGS' } as const;
const THRESHOLD = { type: 'THRESHOLD', threshold: 1, operation: 'BIGGER' } as const;

/** What is refused, and how the message begins. Each stands second in the list of strategies. */
const REFUSED: readonly [unknown, unknown, string][] = [
  [{ type: 'SCORES' }, WEIGHTS, `strategies[1].input.type: input SCORES is not supported. ${SUPPORTED}`],
  [
    { type: 'PREDICTIONS' },
    { type: 'BALANCE' },
    'strategies[1].input.type: input PREDICTIONS is not supported.',
  ],
  [
    EMBEDDINGS,
    { type: 'TYPICALITY' },
    `strategies[1].strategy.type: EMBEDDINGS with TYPICALITY is not supported. ${SUPPORTED}`,
  ],
  [EMBEDDINGS, { type: 'SIMILARITY' }, 'strategies[1].strategy.type: EMBEDDINGS with SIMILARITY'],
  [METADATA, { type: 'BALANCE' }, 'strategies[1].strategy.type: METADATA with BALANCE'],
  [METADATA, DIVERSITY, 'strategies[1].strategy.type: METADATA with DIVERSITY'],
  [{ type: 'RANDOM' }, DIVERSITY, 'strategies[1].strategy.type: RANDOM with DIVERSITY'],
  [
    { ...EMBEDDINGS, task: 'cars' },
    DIVERSITY,
    'strategies[1].input.task is not supported for EMBEDDINGS with DIVERSITY. Supported fields: type.',
  ],
  [{ ...EMBEDDINGS, tagName: 'query' }, DIVERSITY, 'strategies[1].input.tagName is not supported'],
  [
    { ...METADATA, randomSeed: 1 },
    WEIGHTS,
    'strategies[1].input.randomSeed is not supported for METADATA with WEIGHTS. Supported fields: type, key.',
  ],
  [
    METADATA,
    { ...WEIGHTS, stoppingConditionMaxSum: 4 },
    'strategies[1].strategy.stoppingConditionMaxSum is not supported for METADATA with WEIGHTS. Supported fields: type, strength.',
  ],
  [
    METADATA,
    { ...WEIGHTS, targetRange: { minSum: 1, maxSum: 2 } },
    'strategies[1].strategy.targetRange is not supported',
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
