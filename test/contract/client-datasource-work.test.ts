import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type InputAnswer, inputAnswer } from '#contracts/input-routes';
import { inputSettings } from '#contracts/input-settings';
import type { DatasetSync } from '#contracts/syncs';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import {
  ApiWorkflowClient,
  type DatasourceStatus,
  type InputSettings,
  type InputSettingsChange,
  SyncFailedError,
} from '../../client/index.ts';
import { startApiServer } from '../support/api-server.ts';
import { ADMINISTRATOR_TOKEN, type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';
import { takeMessages } from '../support/queue-contents.ts';

let world: ApiWorld;
let server: Awaited<ReturnType<typeof startApiServer>>;
let client: ApiWorkflowClient;
let datasetId: string;
beforeAll(async () => {
  world = await startApiWorld();
  server = await startApiServer(world);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await world?.stop();
});
beforeEach(async () => {
  client = new ApiWorkflowClient({ token: ADMINISTRATOR_TOKEN, serverLocation: server.url });
  datasetId = await client.createDataset(`work ${newId()}`);
});

const messages = () => takeMessages(world.storage.sqs, world.syncQueueUrl);
/** What the stage sync has come to. */
const noteSync = (fields: Partial<DatasetSync>) =>
  world.deps.syncs.replace({
    ...{ datasetId, version: 1, id: newId(), kind: 'compare', scope: {}, placeDigest: 'here' },
    ...{ source: 'listing', state: 'DONE', startedAt: 1, lastProgressAt: Date.now(), firstStartedAt: 1 },
    ...{ parts: [], counts: NO_COUNTS, ...fields },
  });

test('a sync and a replay are asked for, and waited for until they are done', async () => {
  const sync = await client.syncDatasource({ thorough: true });
  const replay = await client.replayDatasource({ prefix: 'a/', to: '2026-01-31T00:00:00Z' });
  expect(await messages()).toMatchObject([
    { datasetId, work: 'compare', thorough: true },
    { datasetId, work: 'replay', id: replay, scope: { prefix: 'a/', to: Date.UTC(2026, 0, 31) } },
  ]);
  expect(await client.getSync(sync)).toEqual({ id: sync, state: 'WAITING' });
  const waited = Promise.all([sync, replay].map((id) => client.waitForSync(id, { pollInterval: 20 })));
  await noteSync({ thoroughAt: Date.now(), endedReplays: [{ id: replay, outcome: 'done' }] });
  await waited;
});

test('what a datasource refuses is told to who waits', async () => {
  const id = await client.replayDatasource({ all: true });
  await noteSync({ kind: 'replay', id, state: 'FAILED', error: 'Allow s3:ListBucket.' });
  await expect(client.waitForSync(id)).rejects.toEqual(new SyncFailedError('Allow s3:ListBucket.'));
});

test('a pause, and what is known of the datasource', async () => {
  await client.pauseDataset();
  await noteSync({});
  const status = await client.getDatasourceStatus();
  const { path } = status.datasource;
  expect(status).toMatchObject({ pausedAt: expect.any(Number), sync: { state: 'DONE', listed: 0 } });
  expect(path).toContain('s3://');
  // It has what the API answers.
  const answered: InputAnswer = inputAnswer.parse(status);
  const told: DatasourceStatus = answered;
  expect(told).toEqual(status);
  await client.resumeDataset();
  expect((await client.getDatasourceStatus()).pausedAt).toBeUndefined();
  await messages();
});

test('settings of the input are changed field by field, and are those that the API has', async () => {
  const defaults: Required<InputSettingsChange> = await client.getInputSettings().then(withAllFields);
  expect(Object.keys(defaults).toSorted()).toEqual(Object.keys(inputSettings.shape).toSorted());
  const change = { include: ['2026/**'], minBytes: 10, requesterPays: true };
  expect(await client.updateInputSettings(change)).toEqual({ ...inputSettings.parse({}), ...change });
  await client.updateInputSettings({ minBytes: null, requesterPays: null });
  expect(await client.getInputSettings()).toEqual({ ...inputSettings.parse({}), include: ['2026/**'] });
  await expect(client.updateInputSettings({ endpoint: 'nowhere' })).rejects.toMatchObject({
    ...{ name: 'ApiError', status: 400, reason: expect.stringContaining('input.endpoint') },
  });
});
const withAllFields = (settings: InputSettings): Required<InputSettingsChange> => ({
  ...{ extensions: null, minBytes: null, maxBytes: null, minAgeSeconds: null, maxAgeSeconds: null },
  ...{
    lightly: null,
    bucketOwner: null,
    endpoint: null,
    eventBucket: null,
    inventory: null,
    listEverySeconds: null,
  },
  ...settings,
});
