import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { datasourceConnections } from '#aws/datasource-connections';
import type { Dataset } from '#contracts/items';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import { ENOUGH_TIME, type SyncWorld, startSyncWorld } from '../support/sync-world.ts';

const DAY = 24 * 60 * 60_000;
const SCHEMA = 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
  // Objects of the bucket are dated by the real clock: they are a day old.
  world.clock.now = Date.now() + DAY;
});
afterAll(() => world.stop());
beforeEach(() => {
  world.ingestQueue.take();
  world.syncQueue.take();
});

interface Report {
  /** ms before now. */
  readonly age?: number;
  readonly manifest?: object;
  /** Keys of the rows of each file; a key with its own cells. */
  readonly files: readonly (readonly (string | readonly string[])[])[];
}

const put = (Bucket: string, Key: string, Body: string | Buffer) =>
  world.storage.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const row = (bucket: string, of: string | readonly string[]): string => {
  const cells = typeof of === 'string' ? [of, '', 'true', 'false'] : of;
  const [key = ''] = cells;
  const time = new Date(1_600_000_000_000).toISOString();
  const storage = key.includes('archived') ? 'DEEP_ARCHIVE' : 'STANDARD';
  return [bucket, ...cells, '10', time, `e-${decodeURIComponent(key)}`, storage]
    .map((cell) => `"${cell}"`)
    .join(',');
};

/** A bucket with reports of its inventory in another one, and a dataset that is to read them. */
async function withReports(
  ...reports: Report[]
): Promise<{ dataset: Dataset; bucket: string; folder: string }> {
  const [bucket, other] = [`source-${randomUUID()}`, `reports-${randomUUID()}`];
  for (const Bucket of [bucket, other]) await world.storage.s3.send(new CreateBucketCommand({ Bucket }));
  const folder = `all/${bucket}/images/`;
  for (const { age = 0, manifest = {}, files } of reports) {
    const at = new Date(world.clock.now - age).toISOString().slice(0, 16).replace(':', '-');
    const keys = files.map((_, index) => `${folder}data/${at}-${index}.csv.gz`);
    const sizes: number[] = [];
    for (const [index, rows] of files.entries()) {
      const bytes = gzipSync(`${rows.map((of) => row(bucket, of)).join('\n')}\n`);
      sizes.push(bytes.length);
      await put(other, keys[index]!, bytes);
    }
    const document = {
      ...{ sourceBucket: bucket, destinationBucket: `arn:aws:s3:::${other}`, version: '2016-11-30' },
      ...{
        fileFormat: 'CSV',
        fileSchema: SCHEMA,
        files: keys.map((key, index) => ({ key, size: sizes[index], MD5checksum: '' })),
      },
      ...manifest,
    };
    await put(other, `${folder}${at}Z/manifest.json`, JSON.stringify(document));
    await put(other, `${folder}${at}Z/manifest.checksum`, 'x');
  }
  const dataset = await world.newDataset({ inventory: `s3://${other}/${folder}` }, `s3://${bucket}`);
  return { dataset, bucket, folder };
}
const deps = () => ({
  ...world.deps,
  datasourceConnections: datasourceConnections({ s3: world.storage.s3Config }, () => world.clock.now),
});
const compare = ({ id: datasetId }: Dataset, timeIsUp = ENOUGH_TIME, limits = world.deps.limits) =>
  syncDataset({ datasetId, work: 'compare' }, timeIsUp, { ...deps(), limits });
const sentKeys = () => world.ingestQueue.take().map(({ message }) => message.event.key);
const syncOf = ({ id }: Dataset) => world.deps.syncs.get(id);

test('the newest report stands for the first listing; a listing follows', async () => {
  const { dataset, bucket } = await withReports(
    { age: DAY, files: [['outdated.jpg']] },
    {
      files: [
        ['known.jpg', 'a%20b%2Bc.jpg', 'd+e.jpg', 'notes.txt'],
        [
          'folder/%E6%97%A5.jpg',
          ['old.jpg', 'v1', 'false', 'false'],
          ['gone.jpg', 'v2', 'true', 'true'],
          'archived.jpg',
        ],
      ],
    },
  );
  await put(bucket, 'late.jpg', 'x');
  await world.deps.rawSamples.write(
    {
      ...{
        datasetId: dataset.id,
        fileName: 'known.jpg',
        bucket,
        key: 'known.jpg',
        eTag: 'e-known.jpg',
        size: 10,
      },
      ...{ sequencer: '01', lastModified: 1, registeredAt: 1, pending: false, state: 'rejected' },
      rejection: { code: 'CORRUPT', reason: 'It is no image.' },
    },
    { by: 'sequencer', sequencer: '01' },
  );
  await compare(dataset);
  expect(sentKeys().toSorted()).toEqual(['a b+c.jpg', 'archived.jpg', 'd e.jpg', 'folder/日.jpg']);
  const read = await syncOf(dataset);
  expect(read).toMatchObject({
    source: 'inventory',
    state: 'DONE',
    report: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d-\d\dZ\/manifest\.json$/),
    parts: [
      { listed: 4, isDone: true, bytes: { read: expect.any(Number) } },
      { listed: 2, isDone: true, bytes: { read: expect.any(Number) } },
    ],
    counts: { listed: 6, missed: 4, missedInArchive: 1, gone: 0 },
  });
  expect(read?.parts.every(({ bytes }) => bytes && bytes.read === bytes.all && bytes.all > 20)).toBe(true);
  expect(read?.firstFinishedAt).toBeUndefined();

  const [next] = world.syncQueue.take();
  expect(next?.message).toEqual({ datasetId: dataset.id, work: 'compare' });
  await compare(dataset);
  expect(await syncOf(dataset)).toMatchObject({
    source: 'listing',
    state: 'DONE',
    firstFinishedAt: world.clock.now,
  });
  expect(sentKeys()).toContain('late.jpg');
  expect(await syncOf(dataset)).not.toHaveProperty('report');
});

test('a function whose time is up goes on with the next row', async () => {
  const keys = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `${String(from + index).padStart(5, '0')}.jpg`);
  const { dataset } = await withReports({ files: [keys(0, 1_500), keys(1_500, 2_600)] });
  let looks = 0;
  await compare(dataset, () => ++looks % 2 === 0);
  const sent = sentKeys();
  expect((await syncOf(dataset))?.parts).toMatchObject([
    { listed: 1_500, position: '1500', isDone: false },
    { listed: 0, bytes: { read: 0 }, isDone: false },
  ]);
  let messages = world.syncQueue.take();
  for (
    ;
    messages.length > 0 && (await syncOf(dataset))?.state === 'RUNNING';
    messages = world.syncQueue.take()
  ) {
    await compare(dataset, () => ++looks % 2 === 0);
    sent.push(...sentKeys());
  }
  expect(sent).toEqual(keys(0, 2_600));
  expect((await syncOf(dataset))?.counts.listed).toBe(2_600);
});

test.each([
  ['is of another format', { files: [[]], manifest: { fileFormat: 'ORC' } }, 'format ORC'],
  ['lacks a field', { files: [[]], manifest: { fileSchema: 'Bucket, Key, Size' } }, 'lastmodifieddate, etag'],
  ['is of another bucket', { files: [[]], manifest: { sourceBucket: 'another' } }, 'another bucket'],
  [
    'has more files than are read',
    { files: [], manifest: { files: Array(2_001).fill({ key: 'x' }) } },
    '2001 files',
  ],
  ['has a row that does not end', { files: [[`${'x'.repeat(100_000)}.jpg`]] }, 'no gzipped CSV'],
  ['is older than a week', { age: 8 * DAY, files: [['a.jpg']] }, 'last seven days'],
  [
    'names a file that is gone',
    { files: [], manifest: { files: [{ key: 'all/x.csv.gz' }] } },
    'outside its folder',
  ],
])('a report that %s is not read, which is said, and the bucket is listed', async (_, report, reason) => {
  const { dataset, bucket } = await withReports(report);
  await put(bucket, 'a.jpg', 'x');
  await compare(dataset);
  expect(sentKeys()).toEqual(['a.jpg']);
  expect(await syncOf(dataset)).toMatchObject({
    ...{ source: 'listing', state: 'DONE', reportProblem: expect.stringContaining(reason) },
  });
  const warning = world.deps.telemetry.logged.findLast(({ level }) => level === 'warn');
  expect(JSON.stringify(warning)).toContain(reason);
});

test('a report is never read with the rights of Winnow itself', async () => {
  const { dataset } = await withReports({ files: [['a.jpg']] });
  await world.deps.datasources.replace({
    ...{ datasetId: dataset.id, version: 2, lastModifiedAt: world.clock.now },
    configs: [{ type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' }],
  });
  await world.storage.s3.send(new CreateBucketCommand({ Bucket: dataset.landingFolder.bucket }));
  const { datasourceConnections } = deps();
  const opened: string[] = [];
  const open = (datasource: Parameters<typeof datasourceConnections.open>[0]) => {
    opened.push(datasource.place.bucket);
    return datasourceConnections.open(datasource);
  };
  await syncDataset({ datasetId: dataset.id, work: 'compare' }, ENOUGH_TIME, {
    ...{ ...world.deps, datasourceConnections: { open: open as typeof datasourceConnections.open } },
  });
  expect(new Set(opened)).toEqual(new Set([dataset.landingFolder.bucket]));
  expect(await syncOf(dataset)).toMatchObject({ source: 'listing', state: 'DONE' });
});
