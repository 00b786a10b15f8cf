import { expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import type { DatasetSync } from '#contracts/syncs';
import type { Datasource } from '#platform/datasources/datasources';
import { differenceOf } from '#platform/syncs/differences';
import { compareRuleOf } from '../../functions/sync/sync-work.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const deps = {
  now: () => NOW,
  limits: { youngestObjectMs: 2 * MINUTE, saveEveryMs: 0, mostBacklog: 0 },
};
const place = { bucket: 'photos', prefix: '' };
const datasourceOf = (config: object, access: object = {}): Datasource => ({
  ...{ id: 'd'.repeat(24), use: 'INPUT', place, config: { purpose: 'INPUT', ...config } as DatasourceConfig },
  access: { requesterPays: false, pathStyle: false, ...access },
});
const S3 = { type: 'S3', fullPath: 's3://photos' };

/** What becomes of an object that nobody knows, at a later compare. */
const kindOf = (lastModified: number, datasource: Datasource, compared: Partial<DatasetSync> = {}) => {
  const begun = { firstFinishedAt: 1, ...compared } as DatasetSync;
  const rule = compareRuleOf({ begun, datasource }, deps);
  return differenceOf({ name: 'a.jpg', eTag: 'e', size: 1, lastModified }, undefined, rule)?.kind;
};

test('what is two minutes old, or modified in the future, waits for no event', () => {
  const datasource = datasourceOf(S3);
  expect(kindOf(NOW - 2 * MINUTE, datasource)).toBe('missed');
  expect(kindOf(NOW - MINUTE, datasource)).toBe('young');
  expect(kindOf(NOW, datasource)).toBe('young');
  expect(kindOf(NOW + 1, datasource)).toBe('missed');
  expect(kindOf(Date.UTC(2099, 0), datasource)).toBe('missed');
  expect(kindOf(Date.UTC(2099, 0), datasourceOf({ type: 'LIGHTLY', fullPath: '' }))).toBe('missed');
});

test.each([
  ['a web server', datasourceOf({ type: 'LOCAL', fullPath: 'photos' })],
  ['a store that merely speaks S3', datasourceOf(S3, { endpoint: 'https://store.example.com' })],
])('%s sends no events: what is young in it is taken in', (_, datasource) => {
  expect(kindOf(NOW - MINUTE, datasource)).toBe('missed');
});

test('who asks for what is there now waits for no event', () => {
  expect(kindOf(NOW - MINUTE, datasourceOf(S3), { askedAt: NOW - 1 })).toBe('missed');
});
