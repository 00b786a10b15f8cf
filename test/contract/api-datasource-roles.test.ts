import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import {
  type DatasourceWorld,
  DELEGATED,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';
import { takeMessages } from '../support/queue-contents.ts';

type User = Awaited<ReturnType<DatasourceWorld['addUser']>>;

let world: DatasourceWorld;
let ann: User;
let bob: User;
let admin: User;
let ours: MadeDataset;
let theirs: MadeDataset;
beforeAll(async () => {
  world = await startDatasourceWorld();
  ann = await world.addUser('ann@example.com');
  bob = await world.addUser('bob@example.com');
  admin = await world.addUser('admin@example.com', 'ADMIN');
});
beforeEach(async () => {
  [ours, theirs] = [await world.newDataset(ann.token), await world.newDataset(bob.token)];
});
afterAll(() => world.stop());

const idOf = ({ path }: MadeDataset) => world.deps.externalIds.of(path.datasetId);
/** Configures it and tells the status. */
const set = (dataset: MadeDataset, user: User, config: object) =>
  setAny(dataset, user, { ...DELEGATED, ...config });
const setAny = async ({ path }: MadeDataset, { token }: User, config: object) => {
  const call = { path, body: config, token };
  const { status, body } = await world.send('update_datasource_by_dataset_id', call);
  return { status, error: (body as { error?: string } | undefined)?.error };
};
const configsOf = async ({ path }: MadeDataset) =>
  (await world.deps.datasources.get(path.datasetId))?.configs ?? [];
const share = ({ path }: MadeDataset, { token }: User, guest: User) =>
  world.call('create_or_update_shared_access_config_by_dataset_id', {
    ...{ path, token, body: { accessType: 'WRITE', users: [guest.user.email] } },
  });

describe('an external ID that Winnow issues', () => {
  test('is always the same, is of one dataset, and can not be guessed from it', async () => {
    const id = await idOf(ours);
    expect(id).toMatch(/^winnow-[0-9a-f]{40}$/);
    expect(await idOf(ours)).toBe(id);
    expect(await idOf(theirs)).not.toBe(id);
    expect(id).not.toContain(ours.path.datasetId);
  });

  test('registers a role for its dataset, and for no other, whoever asks first', async () => {
    const lent = { s3ARN: 'arn:aws:iam::111111111111:role/Ann', s3ExternalId: await idOf(ours) };
    expect(await set(theirs, bob, lent)).toEqual({
      status: 403,
      error: expect.stringContaining('issued for another dataset'),
    });
    expect(await set(ours, ann, lent)).toMatchObject({ status: 200 });
    expect(await set(theirs, bob, lent)).toMatchObject({ status: 403 });
    // Not for a prefix of it, nor in other letters, which no ID is issued in.
    expect(await set(theirs, bob, { ...lent, s3ExternalId: 'WINNOW-an-id-of-mine' })).toMatchObject({
      status: 403,
    });
    expect(await set(theirs, bob, { ...lent, s3ExternalId: '' })).toMatchObject({ status: 400 });
    expect(await configsOf(theirs)).toEqual([]);
    expect(await configsOf(ours)).toMatchObject([lent]);
  });

  test("lets another tenant name the role with an ID of their own, which the role's trust refuses then", async () => {
    const s3ARN = 'arn:aws:iam::111111111111:role/Ann2';
    await set(ours, ann, { s3ARN, s3ExternalId: await idOf(ours) });
    expect(await set(theirs, bob, { s3ARN, s3ExternalId: await idOf(theirs) })).toMatchObject({
      status: 200,
    });
    expect(await configsOf(theirs)).toMatchObject([{ s3ExternalId: await idOf(theirs) }]);
  });

  test('is for the owner to use: whoever a dataset is shared with gets no more out of it', async () => {
    await share(ours, ann, bob);
    const lent = { s3ARN: 'arn:aws:iam::111111111111:role/Ann3', s3ExternalId: await idOf(ours) };
    expect(await set(ours, bob, lent)).toEqual({ status: 403, error: expect.stringContaining('owner') });
    await set(ours, ann, lent);
    expect(await set(ours, bob, { ...lent, fullPath: 's3://some-bucket/images/july' })).toMatchObject({
      status: 200,
    });
    expect(await set(ours, bob, { ...lent, fullPath: 's3://some-bucket' })).toMatchObject({ status: 403 });
    expect(await set(ours, admin, { ...lent, fullPath: 's3://some-bucket' })).toMatchObject({ status: 200 });
  });

  test('stays good for the dataset that has it when the key of the deployment is another one', async () => {
    const old = { s3ExternalId: `winnow-${'0'.repeat(40)}` };
    const config = { ...DELEGATED, ...old } as const;
    await world.deps.datasources.replace({
      ...{ datasetId: ours.path.datasetId, version: 1, configs: [config], lastModifiedAt: 1 },
    });
    expect(await set(ours, ann, { ...old, fullPath: 's3://elsewhere' })).toMatchObject({ status: 200 });
    expect(await set(theirs, bob, old)).toMatchObject({ status: 403 });
  });
});

describe('what somebody else has lent to a dataset', () => {
  const key = { ...S3, s3AccessKeyId: 'AKIDOFBOB', s3SecretAccessKey: 'not-a-secret' };
  const kept = { ...key, s3SecretAccessKey: '********' };

  test('is for its owner to use as it is, and for no more of the bucket, nor to write', async () => {
    await share(ours, ann, bob);
    expect(await setAny(ours, bob, { ...key, fullPath: 's3://of-bob/some' })).toMatchObject({ status: 200 });
    expect(await setAny(ours, ann, { ...kept, fullPath: 's3://of-bob' })).toMatchObject({ status: 400 });
    const toWrite = { ...kept, fullPath: 's3://of-bob/some', purpose: 'INPUT_OUTPUT' };
    expect(await setAny(ours, ann, toWrite)).toMatchObject({ status: 400 });
    expect(await setAny(ours, ann, { ...kept, fullPath: 's3://of-bob/some/less' })).toMatchObject({
      status: 200,
    });
    // It is his still.
    expect(await setAny(ours, ann, { ...kept, fullPath: 's3://of-bob' })).toMatchObject({ status: 400 });
    expect(await setAny(ours, bob, { ...kept, fullPath: 's3://of-bob' })).toMatchObject({ status: 200 });
  });

  test('by a role is neither, and another datasource beside it changes nothing', async () => {
    await share(ours, ann, bob);
    const lent = { s3ARN: 'arn:aws:iam::222222222222:role/Bob', s3ExternalId: 'an-id-of-bobs-own' };
    expect(await set(ours, bob, { ...lent, fullPath: 's3://of-bob/some' })).toMatchObject({ status: 200 });
    await setAny(ours, ann, { ...S3, purpose: 'LIGHTLY', fullPath: 's3://of-ann' });
    expect(await set(ours, ann, { ...lent, fullPath: 's3://of-bob' })).toMatchObject({ status: 403 });
    expect(
      await set(ours, ann, { ...lent, fullPath: 's3://of-bob/some', purpose: 'INPUT_OUTPUT' }),
    ).toMatchObject({
      status: 403,
    });
    expect(await set(ours, ann, { ...lent, fullPath: 's3://of-bob/some/less' })).toMatchObject({
      status: 200,
    });
  });
});

describe('a datasource that becomes another one', () => {
  const inputs = (config: Partial<DatasourceConfig>) => setAny(ours, ann, { ...S3, ...config });
  const messages = async () =>
    (await takeMessages(world.storage.sqs, world.syncQueueUrl)).filter(
      (message) => (message as { datasetId: string }).datasetId === ours.path.datasetId,
    );
  const bucketsWithIt = async (...buckets: string[]) => {
    const found = [];
    for (const bucket of buckets) {
      const datasets = await world.deps.inputBuckets.datasetsIn(bucket);
      if (datasets.includes(ours.path.datasetId)) found.push(bucket);
    }
    return found;
  };

  test('has its events sent to the dataset, and its images looked for', async () => {
    const known = ['first-bucket', 'second-bucket', world.landing];
    await inputs({ fullPath: 's3://first-bucket/a' });
    expect(await bucketsWithIt(...known)).toEqual(['first-bucket']);
    const asked = { datasetId: ours.path.datasetId, work: 'compare', thorough: true };
    expect(await messages()).toEqual([{ ...asked, askedAt: expect.any(Number) }]);
    await inputs({ fullPath: 's3://second-bucket', purpose: 'INPUT_OUTPUT' });
    expect(await bucketsWithIt(...known)).toEqual(['second-bucket']);
    expect(await messages()).toHaveLength(1);
    await setAny(ours, ann, { type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' });
    expect(await bucketsWithIt(...known)).toEqual([]);
    expect(await messages()).toHaveLength(1);
  });

  test('in what reading does not depend on starts nothing', async () => {
    await inputs({});
    await messages();
    await inputs({ thumbSuffix: 'other' });
    await inputs({ purpose: 'LIGHTLY', fullPath: 's3://results' });
    expect(await messages()).toEqual([]);
    expect(await bucketsWithIt('some-bucket', 'results')).toEqual(['some-bucket']);
  });

  test('is compared when a pause ends', async () => {
    await world.deps.datasets.pause(ours.path.datasetId, Date.now());
    await inputs({});
    // The stage sync asks itself again, until somebody resumes the dataset.
    expect(await messages()).toMatchObject([{ work: 'compare', thorough: true }]);
  });

  test('has no problem that the last one had', async () => {
    const problem = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    const at = { resource: 'arn:aws:s3:::x/*', reason: 'Denied.', seenAt: 1 };
    await world.deps.datasourceStates.noteProblem(ours.path.datasetId, 1, { ...problem, ...at });
    await inputs({});
    expect(await world.deps.datasourceStates.get(ours.path.datasetId)).toEqual({
      ...{ datasetId: ours.path.datasetId, version: 1 },
    });
  });
});
