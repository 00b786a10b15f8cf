import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inputSettings } from '#contracts/input-settings';
import { type DatasetRoutes, datasetRoutes, type WorldUser } from '../support/dataset-routes.ts';
import {
  type DatasourceWorld,
  DELEGATED,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';

let world: DatasourceWorld;
let owner: WorldUser;
let administrator: WorldUser;
let dataset: MadeDataset;
let ask: DatasetRoutes['ask'];
let answered: DatasetRoutes['answered'];
beforeAll(async () => {
  world = await startDatasourceWorld();
  owner = await world.addUser('owner@example.com');
  administrator = await world.addUser('administrator@example.com', 'ADMIN');
});
beforeEach(async () => {
  dataset = await world.newDataset(owner.token);
  ({ ask, answered } = datasetRoutes(world, dataset.path.datasetId, owner));
});
afterAll(() => world.stop());

const WHERE = 'input/settings';
const idOf = () => dataset.path.datasetId;
const patch = (fields: object) => answered('PATCH', WHERE, fields);
const configure = (body: object, { token } = owner) =>
  world.call('update_datasource_by_dataset_id', { path: dataset.path, body: body as never, token });

describe('the bucket behind an access point', () => {
  const POINT = 's3://arn:aws:s3:eu-central-1:111122223333:accesspoint/photos/2026';
  const notedIn = async (...buckets: string[]) => {
    const found = [];
    for (const bucket of buckets) {
      if ((await world.deps.inputBuckets.datasetsIn(bucket)).includes(idOf())) found.push(bucket);
    }
    return found;
  };
  const KNOWN = ['photos', 'more-photos', 'some-bucket'];
  const throughPoint = { ...DELEGATED, fullPath: POINT, s3Region: 'eu-central-1' };
  const name = (fields: object) => ask('PATCH', WHERE, fields, administrator);
  const eventsOf = async () => (await answered('GET', 'input')).events;

  test('is noted when it is named, and forgotten when it is another one or none', async () => {
    await configure(throughPoint);
    expect([await notedIn(...KNOWN), await eventsOf()]).toEqual([[], { from: 'none' }]);
    await name({ eventBucket: 'photos' });
    expect(await notedIn(...KNOWN)).toEqual(['photos']);
    expect(await eventsOf()).toEqual({ from: 'bucket', bucket: 'photos' });
    await name({ eventBucket: 'more-photos' });
    expect(await notedIn(...KNOWN)).toEqual(['more-photos']);
    await name({ eventBucket: null });
    expect(await notedIn(...KNOWN)).toEqual([]);
  });

  test('keeps no events of the next bucket from the dataset', async () => {
    await configure(throughPoint);
    await name({ eventBucket: 'photos' });
    await configure(S3);
    expect(await notedIn(...KNOWN)).toEqual(['photos', 'some-bucket']);
    expect(await eventsOf()).toEqual({ from: 'bucket', bucket: 'some-bucket' });
    await name({ eventBucket: null });
    expect(await notedIn(...KNOWN)).toEqual(['some-bucket']);
  });

  test('that is the bucket of the datasource too is noted as long as one of the two says so', async () => {
    await configure(S3);
    await name({ eventBucket: 'some-bucket' });
    await configure(throughPoint, administrator);
    expect(await notedIn(...KNOWN)).toEqual(['some-bucket']);
    await configure(S3);
    await name({ eventBucket: null });
    expect(await notedIn(...KNOWN)).toEqual(['some-bucket']);
  });

  test('is named by administrators only, for nobody can check it; the owner keeps it, and takes it away', async () => {
    await configure(throughPoint);
    expect(await ask('PATCH', WHERE, { eventBucket: 'photos' })).toMatchObject({
      ...{ status: 403, body: { error: expect.stringContaining("'photos'") } },
    });
    expect([await notedIn(...KNOWN), await answered('GET', WHERE)]).toEqual([[], inputSettings.parse({})]);
    await name({ eventBucket: 'photos' });
    expect(await patch({ include: ['2026/**'] })).toMatchObject({ eventBucket: 'photos' });
    expect(await patch({ eventBucket: null })).not.toHaveProperty('eventBucket');
  });

  test('is of the access point that it was named for: the owner sets no other one meanwhile', async () => {
    await configure(throughPoint);
    await name({ eventBucket: 'photos' });
    await configure({ ...throughPoint, fullPath: `${POINT}/01` });
    const another = { ...throughPoint, fullPath: POINT.replace('/photos', '/of-the-owner') };
    await expect(configure(another)).rejects.toThrow('refused with 403');
    await configure(S3);
    await expect(configure(another)).rejects.toThrow('refused with 403');
    await configure(another, administrator);
    expect(await eventsOf()).toEqual({ from: 'bucket', bucket: 'photos' });
  });

  test('is forgotten with the dataset', async () => {
    await configure(S3);
    await name({ eventBucket: 'photos' });
    const stored = (await world.deps.datasets.get(idOf()))!;
    await world.deps.datasetContents.delete(stored, () => false);
    expect(await notedIn(...KNOWN)).toEqual([]);
  });
});
