import { describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import { sendsEvents } from '#platform/datasources/input/input-buckets';
import { placeOf } from '#platform/datasources/location';
import {
  canBeWritten,
  isDeleting,
  isListing,
  namedServerOf,
  STORE_TRAITS,
} from '#platform/datasources/store-traits';
import { byKeys, byRole, datasourceAt } from '../support/foreign-datasources.ts';

const ENDPOINT = 'https://objects.example.com';
const keys = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
const purpose = 'INPUT' as const;
const obs: DatasourceConfig = {
  ...{ type: 'OBS', purpose, fullPath: 'obs://photos/in', obsEndpoint: ENDPOINT },
  ...{ obsAccessKeyId: 'key', obsSecretAccessKey: 'secret' },
};
const gcs: DatasourceConfig = {
  type: 'GCS',
  purpose,
  fullPath: 'gs://photos/in',
  gcsProjectId: 'project',
  gcsCredentials: '{}',
};
const local: DatasourceConfig = { type: 'LOCAL', purpose, fullPath: 'in' };

describe('the server of a datasource', () => {
  test.each([
    ['S3', byKeys('s3://photos/in', keys), {}, undefined, true],
    ['S3 with an endpoint', byKeys('s3://photos/in', keys), { endpoint: ENDPOINT }, ENDPOINT, false],
    [
      'a role, which an endpoint is nothing to',
      byRole('s3://photos/in'),
      { endpoint: ENDPOINT },
      undefined,
      true,
    ],
    ['OBS', obs, {}, ENDPOINT, false],
    ['Google', gcs, { endpoint: ENDPOINT }, undefined, false],
    ['a web server', local, {}, 'http://localhost:3456', false],
  ] as const)(
    'of %s is named by somebody or not, and events come from none that is',
    (_, config, access, server, sends) => {
      const datasource = datasourceAt('INPUT', config, access);
      expect([namedServerOf(datasource), sendsEvents(datasource)]).toEqual([server, sends]);
    },
  );
});

test('everything but a web server can be written', () => {
  const types = Object.keys(STORE_TRAITS) as DatasourceConfig['type'][];
  expect(types.filter((type) => !canBeWritten({ type }))).toEqual(['LOCAL']);
});

test('listing and deleting are told from reading, where a store tells them apart', () => {
  const actions = ['s3:ListBucket', 'storage.objects.list', 'List Blobs', 's3:DeleteObject', 'Delete Blob'];
  expect(actions.map((action) => [isListing(action), isDeleting(action)])).toEqual([
    ...[
      [true, false],
      [true, false],
      [true, false],
    ],
    ...[
      [false, true],
      [false, true],
    ],
  ]);
  for (const action of ['GET', 's3:GetObject', 's3:PutObject', 'Get Blob']) {
    expect([action, isListing(action), isDeleting(action)]).toEqual([action, false, false]);
  }
});

test.each<[DatasourceConfig, string, string]>([
  [byKeys('s3://photos/in', keys), 's3://photos/in', 'gs://photos/in'],
  [gcs, 'gs://photos/in', 's3://photos/in'],
  [obs, 'obs://photos/in', 'gs://photos/in'],
])('a path begins as those of its store, or with the bucket: %j', (config, own, other) => {
  const place = { bucket: 'photos', prefix: 'in/' };
  expect(placeOf({ ...config, fullPath: own })).toEqual(place);
  expect(placeOf({ ...config, fullPath: 'photos/in' })).toEqual(place);
  expect(() => placeOf({ ...config, fullPath: other })).toThrow('names no bucket');
});
