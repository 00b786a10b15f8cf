import { describe, expect, test } from '@jest/globals';
import type { DatasourceConfig, DatasourcePurpose } from '#contracts/datasources';
import { type InputSettings, inputSettings } from '#contracts/input-settings';
import { datasetSettings } from '#contracts/settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { accessFieldOf, datasourceOf } from '#platform/datasources/datasources';
import { newId } from '../support/documents.ts';
import { byKeys } from '../support/foreign-datasources.ts';

const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
const USUAL = { requesterPays: false, pathStyle: false };

/** How a dataset asks INPUT and LIGHTLY. */
function asked(input: object, ...purposes: DatasourcePurpose[]) {
  const made = newLandingDataset(newId(), 'birds', { landing: 'landing', platform: 'platform' }, 1);
  const settings = { ...datasetSettings.parse({}), input: inputSettings.parse(input) as InputSettings };
  const configs: DatasourceConfig[] = purposes.map((purpose) => ({
    ...byKeys(`s3://${purpose.toLowerCase()}`, keys),
    purpose,
  }));
  const stored = { datasetId: made.id, version: 1, configs, lastModifiedAt: 1 };
  return (['INPUT', 'LIGHTLY'] as const).map((use) => datasourceOf({ ...made, settings }, stored, use));
}
const accessOf = (...how: Parameters<typeof asked>) => asked(...how).map(({ access }) => access);

describe('a LIGHTLY that is configured by itself', () => {
  test('is asked as INPUT is, where nothing else is said', () => {
    const input = { bucketOwner: '111122223333', requesterPays: true };
    const both = { ...USUAL, ...input };
    expect(accessOf(input, 'INPUT', 'LIGHTLY')).toEqual([both, both]);
  });

  test('of another account, or on another server, is asked as its own settings say', () => {
    const theirs = { bucketOwner: '111122223333', requesterPays: true };
    const ours = { bucketOwner: '444455556666' };
    expect(accessOf({ ...theirs, lightly: ours }, 'INPUT', 'LIGHTLY')).toEqual([
      { ...USUAL, ...theirs },
      { ...USUAL, ...ours },
    ]);
    const server = { endpoint: 'https://store.example.com', pathStyle: true };
    expect(accessOf({ ...server, lightly: {} }, 'INPUT', 'LIGHTLY')).toEqual([
      { ...USUAL, ...server },
      USUAL,
    ]);
  });

  test('is named in what its refusals say to set', () => {
    const [input, lightly] = asked({}, 'INPUT', 'LIGHTLY');
    expect([accessFieldOf(input!, 'bucketOwner'), accessFieldOf(lightly!, 'bucketOwner')]).toEqual([
      ...['input.bucketOwner', 'input.lightly.bucketOwner'],
    ]);
  });
});

test('what is configured for both is one datasource, asked in one way', () => {
  const input = { bucketOwner: '111122223333', lightly: { requesterPays: true } };
  const access = { ...USUAL, bucketOwner: '111122223333' };
  expect(accessOf(input, 'INPUT_OUTPUT')).toEqual([access, access]);
});
