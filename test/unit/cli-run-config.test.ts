import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { DEFAULT_SELECTION } from '#contracts/selection-config';
import { runConfigOf } from '../../cli/run-config.ts';

const { strategies } = DEFAULT_SELECTION;
const WORKER = { useDatapool: true };

describe('the config of a run', () => {
  test('is a diverse selection where only an amount is given', () => {
    expect(runConfigOf(undefined, { nSamples: 5, datapool: true })).toEqual({
      ...{ workerConfig: WORKER, selectionConfig: { nSamples: 5, strategies } },
    });
    expect(runConfigOf(undefined, { proportion: 0.5, datapool: true }).selectionConfig).toEqual({
      ...{ proportionSamples: 0.5, strategies },
    });
  });

  test('is a selection alone, or parts in either case', () => {
    const selection = { nSamples: 1, strategies: [] };
    const whole = { workerConfig: WORKER, selectionConfig: selection };
    expect(runConfigOf(JSON.stringify(selection), { datapool: true })).toEqual(whole);
    expect(runConfigOf(JSON.stringify({ selection_config: selection }), { datapool: true })).toEqual(whole);
    expect(runConfigOf(JSON.stringify({ selectionConfig: selection }), { datapool: true })).toEqual(whole);
  });

  test('is overruled by the command line', () => {
    const document = {
      workerConfig: { use_datapool: true, datasource: { process_all: false, bypassVerify: true } },
      selectionConfig: { n_samples: 9, strategies: ['mine'] },
    };
    const choices = { proportion: 0.2, datapool: false, allImages: true } as const;
    expect(runConfigOf(JSON.stringify(document), choices)).toEqual({
      workerConfig: { useDatapool: false, datasource: { processAll: true, bypassVerify: true } },
      selectionConfig: { proportionSamples: 0.2, strategies: ['mine'] },
    });
  });

  test.each([
    ['no object', '[1]'],
    ['a part that is no object', '{"workerConfig":1}'],
    ['a part that does not exist beside one that does', '{"workerConfig":{},"workerConfg":{}}'],
    ['no JSON', '{'],
  ])('is not %s', (_what, document) => {
    expect(() => runConfigOf(document, { nSamples: 1, datapool: true })).toThrow(InvalidInputError);
  });

  test('needs to say how much is selected', () => {
    expect(() => runConfigOf(undefined, { datapool: true })).toThrow('--n-samples');
  });
});
