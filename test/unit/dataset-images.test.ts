import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { DatasetDatasources, DatasourceConfig } from '#contracts/datasources';
import { newLandingDataset } from '#platform/datasets/datasets';
import { datasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceConnections, ReadableDatasource } from '#platform/datasources/datasource-objects';
import { newId } from '../support/documents.ts';

const dataset = newLandingDataset(newId(), 'shop', { landing: 'landing', platform: 'platform' }, 0);
const s3 = (fullPath: string): DatasourceConfig => ({
  ...{ type: 'S3', purpose: 'INPUT', fullPath, s3Region: 'eu-central-1' },
  ...{ s3AccessKeyId: 'AKIDEXAMPLE', s3SecretAccessKey: 'not-a-secret' },
});

/** Images of the dataset; everything is there, and `asked` tells what was asked for where, and with whose rights. */
function imagesWith(fullPath?: string) {
  const asked: unknown[] = [];
  const clock = { at: 0 };
  const stored: { now: DatasetDatasources | undefined } = { now: undefined };
  const set = (path?: string) => {
    const configs = path === undefined ? [] : [s3(path)];
    stored.now = { datasetId: dataset.id, version: 1, configs, lastModifiedAt: 0 };
  };
  set(fullPath);
  const datasourceConnections = {
    open: async ({ config, place, use }: Parameters<DatasourceConnections['open']>[0]) => {
      const note = (name: string, version: unknown) =>
        asked.push({ rights: config.type, use, bucket: place.bucket, prefix: place.prefix, name, version });
      const file = { size: 1, lastModified: 0, eTag: 'e', metadata: {}, tagCount: 0 };
      const objects: Pick<ReadableDatasource, 'open' | 'head' | 'signRead'> = {
        open: async (name, version) => {
          note(name, version);
          return { name, ...file, body: Readable.from('x') };
        },
        head: async (name, version) => {
          note(name, version);
          return { name, ...file };
        },
        signRead: async (_, name, __, version) => {
          note(name, version);
          return `https://signed/${name}`;
        },
      };
      return objects;
    },
  } as unknown as DatasourceConnections;
  const datasources = { get: async () => stored.now };
  const images = datasetImages({ datasources, datasourceConnections, now: () => clock.at });
  return { images, asked, set, clock };
}

const THEIRS = { bucket: 'theirs', key: '2026/north/a.jpg' };

describe('an image of a dataset', () => {
  test('in the landing folder is read with Winnow’s own rights, whatever is configured', async () => {
    const { images, asked } = imagesWith('s3://theirs/2026');
    const image = { bucket: 'landing', key: 'shop/a.jpg', eTag: 'e1' };
    expect(await images.open(dataset, image)).toMatchObject({ name: 'a.jpg' });
    const version = { versionId: undefined, eTag: 'e1' };
    expect(asked).toEqual([
      { ...{ rights: 'LIGHTLY', use: 'INPUT', bucket: 'landing', prefix: 'shop/' }, name: 'a.jpg', version },
    ]);
  });

  test('that is an object crop is read in the platform folder, and only read', async () => {
    const { images, asked } = imagesWith();
    const { bucket, prefix } = dataset.platformFolder;
    expect(await images.head(dataset, { bucket, key: `${prefix}.lightly/crops/a.png` })).toBeDefined();
    expect(asked).toMatchObject([{ rights: 'LIGHTLY', use: 'INPUT', bucket, name: '.lightly/crops/a.png' }]);
  });

  test('elsewhere is read with the rights that are lent, in the version that was judged', async () => {
    const { images, asked } = imagesWith('s3://theirs/2026');
    const image = { ...THEIRS, versionId: 'v7', eTag: 'e1' };
    expect(await images.sign(dataset, image, 60)).toBe('https://signed/north/a.jpg');
    await images.open(dataset, image);
    const version = { versionId: 'v7', eTag: 'e1' };
    const where = { rights: 'S3', use: 'INPUT', bucket: 'theirs', prefix: '2026/', name: 'north/a.jpg' };
    expect(asked).toEqual([
      { ...where, version },
      { ...where, version },
    ]);
  });

  test.each([
    ['of another place', 's3://theirs/2025'],
    ['of another bucket', 's3://others/2026'],
    ['that nothing leads to', undefined],
  ])('%s is gone, and nobody is asked', async (_, fullPath) => {
    const { images, asked } = imagesWith(fullPath);
    expect(await images.open(dataset, THEIRS)).toBeUndefined();
    expect(await images.head(dataset, THEIRS)).toBeUndefined();
    expect(await images.sign(dataset, THEIRS, 60)).toBeUndefined();
    expect(await images.open(dataset, { bucket: 'landing', key: 'other shop/a.jpg' })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('is there again when its place is the dataset’s once more, a few seconds later', async () => {
    const { images, set, clock } = imagesWith('s3://theirs/2026');
    expect(await images.head(dataset, THEIRS)).toBeDefined();
    set('s3://elsewhere');
    clock.at += 5_000;
    expect(await images.head(dataset, THEIRS)).toBeUndefined();
    // A place above it has it too.
    set('s3://theirs');
    clock.at += 5_000;
    expect(await images.head(dataset, THEIRS)).toMatchObject({ name: '2026/north/a.jpg' });
  });
});
