import { expect, test } from '@jest/globals';
import { InvalidConfigurationError } from '../../client/index.ts';
import { wireConfigOf } from '../../client/worker-config.ts';

test('options in the manner of Python become those of the protocol', () => {
  const config = wireConfigOf({
    workerConfig: { use_datapool: true, datasource: { process_all: true }, numProcesses: 2 },
    lightlyConfig: { loader: { batch_size: 16 }, collate: { cj_prob: 0.5, random_gray_scale: 0.1 } },
    selectionConfig: {
      n_samples: 10,
      strategies: [
        {
          input: { type: 'EMBEDDINGS' },
          strategy: { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.1 },
        },
      ],
    },
  });
  expect(config).toEqual({
    workerType: 'FULL',
    docker: { useDatapool: true, datasource: { processAll: true }, numProcesses: 2 },
    lightly: { loader: { batchSize: 16 }, collate: { cjProb: 0.5, randomGrayScale: 0.1 } },
    selection: {
      nSamples: 10,
      strategies: [
        {
          input: { type: 'EMBEDDINGS' },
          strategy: { type: 'DIVERSITY', stopping_condition_minimum_distance: 0.1 },
        },
      ],
    },
  });
});

test('names that are chosen by people stay as they are', () => {
  const target = { traffic_light: 0.5, trafficSign: 0.5 };
  const strategies = [{ input: { type: 'METADATA', key: 'a.b_c' }, strategy: { type: 'BALANCE', target } }];
  expect(wireConfigOf({ selectionConfig: { proportion_samples: 0.1, strategies } }).selection).toEqual({
    proportionSamples: 0.1,
    strategies,
  });
});

test('what is left out is not sent', () => {
  expect(wireConfigOf({})).toEqual({ workerType: 'FULL' });
});

test.each([
  [{ workerConfig: { use_datapol: true } }, "Option 'use_datapol' of the worker config", 'use_datapool'],
  [{ workerConfig: { useDatapol: true } }, "Option 'useDatapol' of the worker config", 'useDatapool'],
  [{ workerConfig: { datasource: { proces_all: 1 } } }, 'worker.datasource config', 'process_all'],
  [{ lightlyConfig: { loader: { batchsizes: 1 } } }, 'lightly.loader config', 'batch_size'],
  [{ selectionConfig: { strategies: [{ inputs: {} }] } }, 'selection.strategies[0] config', 'input'],
  [
    { selectionConfig: { strategies: [{ strategy: { stopping_minimum_distance: 1 } }] } },
    'selection.strategies[0].strategy config',
    'stopping_condition_minimum_distance',
  ],
])('an option that does not exist is refused, with the one that may be meant: %j', (config, place, meant) => {
  const refused = () => wireConfigOf(config);
  expect(refused).toThrow(InvalidConfigurationError);
  expect(refused).toThrow(place);
  expect(refused).toThrow(`Did you mean '${meant}'?`);
});
