import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import { changeDatasource } from '#platform/datasources/configuration/change-datasource';
import { changeInputSettings } from '#platform/datasources/configuration/change-input-settings';
import { datasourceOf } from '#platform/datasources/datasources';
import { sendingBucket } from '#platform/datasources/input/input-buckets';
import { type DatasourceWorld, DELEGATED, S3, startDatasourceWorld } from '../support/datasource-world.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';

let world: DatasourceWorld;
let caller: Awaited<ReturnType<DatasourceWorld['addUser']>>['user'];
beforeAll(async () => {
  world = await startDatasourceWorld();
  ({ user: caller } = await world.addUser('owner@example.com', 'ADMIN'));
});
afterAll(() => world.stop());

type Deps = DatasourceWorld['deps'];
const of = (id: string) => world.deps.datasets.get(id) as Promise<Dataset>;
const inBucket = (name: string): DatasourceConfig => ({ ...S3, fullPath: `s3://${name}/images` });
const POINT = 'arn:aws:s3:eu-central-1:111122223333:accesspoint/photos';
const throughPoint: DatasourceConfig = { ...DELEGATED, s3Region: 'eu-central-1', fullPath: `s3://${POINT}` };
const setPlace = async (id: string, config: DatasourceConfig, deps: Deps = world.deps) =>
  changeDatasource({ caller, dataset: await of(id), config }, deps);
const setInput = async (id: string, fields: object, deps: Deps = world.deps) =>
  changeInputSettings({ caller, dataset: await of(id), fields, keepsOthers: true }, deps);
const isNoted = async (bucket: string, id: string) =>
  (await world.deps.inputBuckets.datasetsIn(bucket)).includes(id);
const senderOf = async (id: string) => {
  const dataset = await of(id);
  return sendingBucket(dataset, datasourceOf(dataset, await world.deps.datasources.get(id), 'INPUT')) ?? '';
};

describe.each([
  [
    'a bucket becomes another one',
    inBucket('before'),
    {},
    (id, deps) => setPlace(id, inBucket('after'), deps),
  ],
  [
    'an access point becomes a bucket',
    throughPoint,
    { eventBucket: 'behind' },
    (id, deps) => setPlace(id, inBucket('after'), deps),
  ],
  [
    'a bucket becomes an access point to it',
    inBucket('behind'),
    { eventBucket: 'behind' },
    (id, deps) => setPlace(id, throughPoint, deps),
  ],
  [
    'another bucket is behind an access point',
    throughPoint,
    { eventBucket: 'before' },
    (id, deps) => setInput(id, { eventBucket: 'after' }, deps),
  ],
] as [string, DatasourceConfig, object, (id: string, deps?: Deps) => Promise<unknown>][])(
  'where %s',
  (_, config, input, change) => {
    const begin = async () => {
      const { path } = await world.newDataset();
      await setPlace(path.datasetId, config);
      await setInput(path.datasetId, input);
      return path.datasetId;
    };

    test('events find the dataset, wherever the change is interrupted', async () => {
      const ports = ['datasets', 'datasources', 'inputBuckets', 'datasourceStates', 'syncQueue'] as const;
      let isKilled = true;
      let steps = 0;
      for (; isKilled; steps++) {
        const id = await begin();
        const { deps } = failingAtCall(world.deps, ports, steps + 1);
        isKilled = await change(id, deps).then(
          () => false,
          (error: unknown) => {
            if (error instanceof Killed) return true;
            throw error;
          },
        );
        const sender = await senderOf(id);
        expect([steps, sender, await isNoted(sender, id)]).toEqual([steps, sender, true]);
      }
      expect(steps).toBeGreaterThan(5);
    });

    test('the bucket that is left is noted no longer', async () => {
      const id = await begin();
      const left = await senderOf(id);
      await change(id);
      const now = await senderOf(id);
      const { eventBucket } = (await of(id)).settings.input;
      if (left !== now && left !== eventBucket) expect(await isNoted(left, id)).toBe(false);
      expect(await isNoted(now, id)).toBe(true);
    });
  },
);

test('somebody who leaves a bucket takes it from nobody who sets it at the same moment', async () => {
  const { path } = await world.newDataset();
  const id = path.datasetId;
  await setPlace(id, inBucket('contested'));
  // Away from it, while somebody else is between noting the bucket behind their access point and saying so.
  const { datasets } = world.deps;
  const replaceSettings: typeof datasets.replaceSettings = async (...settings) => {
    await setPlace(id, throughPoint);
    await datasets.replaceSettings(...settings);
  };
  await setInput(
    id,
    { eventBucket: 'contested' },
    {
      ...world.deps,
      datasets: { ...datasets, replaceSettings },
    },
  );
  expect([await senderOf(id), await isNoted('contested', id)]).toEqual(['contested', true]);
});

test('a role is for S3 itself, so its bucket sends events, whatever endpoint was set for another datasource', async () => {
  const { path } = await world.newDataset();
  await setPlace(path.datasetId, inBucket('of-a-store'));
  await setInput(path.datasetId, { endpoint: 'https://store.example.com' });
  expect(await senderOf(path.datasetId)).toBe('');
  await setPlace(path.datasetId, { ...DELEGATED, fullPath: 's3://lent-bucket' });
  expect(await senderOf(path.datasetId)).toBe('lent-bucket');
});
