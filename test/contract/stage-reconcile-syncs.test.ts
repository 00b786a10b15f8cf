import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { HeldEvent } from '#contracts/held-events';
import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import { datasourceOf } from '#platform/datasources/datasources';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { tryFailingDatasource } from '../../functions/reconcile/failing-datasources.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { newId } from '../support/documents.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { EMPTY_BUCKET, MINUTE, reconcileDepsOver } from '../support/reconcile-stage.ts';

let stage: IngestStage;
let deps: ReturnType<typeof reconcileDepsOver>;
beforeAll(async () => {
  stage = await startIngestStage();
});
afterAll(() => stage.stop());
beforeEach(() => {
  deps = reconcileDepsOver(stage);
});

let made = 0;
const newDataset = async (): Promise<Dataset> => (await stage.deps.ensureDataset(`due-${++made}`))!;
const asked = async ({ id }: Dataset) => {
  await reconcile({ isLong: false, leftMs: () => 15 * 60_000 }, { ...deps, landing: EMPTY_BUCKET });
  const messages = deps.syncQueue.take().map(({ message }) => message);
  return messages.filter(({ datasetId }) => datasetId === id).map(({ datasetId: _, ...message }) => message);
};
const aSync = (dataset: Dataset, fields: Partial<DatasetSync> = {}): DatasetSync => ({
  ...{ datasetId: dataset.id, version: 1, id: newId(), kind: 'compare', scope: {}, source: 'listing' },
  placeDigest: placeDigestOf(datasourceOf(dataset, undefined, 'INPUT')),
  ...{ state: 'DONE', startedAt: stage.clock.now, lastProgressAt: stage.clock.now, parts: [] },
  ...{ counts: NO_COUNTS, firstStartedAt: 1, firstFinishedAt: 1, thoroughAt: stage.clock.now },
  last: { startedAt: stage.clock.now, finishedAt: stage.clock.now, counts: NO_COUNTS },
  ...fields,
});
const problem = { code: 'DENIED', scope: 'datasource', action: 's3:ListBucket', resource: 'arn' } as const;
const noteProblem = ({ id }: Dataset) =>
  deps.datasourceStates.noteProblem(id, 0, { ...problem, use: 'INPUT', reason: 'Allow it.', seenAt: 1 });
const heldEvent = ({ id }: Dataset): HeldEvent => ({
  ...{ datasetId: id, fileName: 'a.jpg', heldAt: 1 },
  event: { kind: 'created', bucket: 'b', key: 'a.jpg', order: { by: 'sequencer', sequencer: '01' } },
});
/** As ingest does it. */
const hold = async (dataset: Dataset) => {
  await deps.datasourceStates.noteHeld(dataset.id, stage.clock.now);
  await deps.heldEvents.hold(heldEvent(dataset));
};

describe('a dataset is listed', () => {
  test('at once where it never was; then again after a while, and once a day thoroughly', async () => {
    const dataset = await newDataset();
    expect(await asked(dataset)).toEqual([{ work: 'compare' }]);
    const sync = aSync(dataset);
    await deps.syncs.replace(sync);
    stage.clock.now += 5 * MINUTE - 1;
    expect(await asked(dataset)).toEqual([]);
    stage.clock.now += 1;
    expect(await asked(dataset)).toEqual([{ work: 'compare' }]);
    stage.clock.now += 24 * 60 * MINUTE;
    expect(await asked(dataset)).toEqual([{ work: 'compare', thorough: true }]);
  });

  test('under way: not again, unless nobody is at it any more', async () => {
    const dataset = await newDataset();
    const leaseUntil = stage.clock.now + 2 * MINUTE;
    await deps.syncs.replace(aSync(dataset, { state: 'RUNNING', leaseUntil }));
    stage.clock.now += 7 * MINUTE;
    expect(await asked(dataset)).toEqual([]);
    stage.clock.now += 1;
    expect(await asked(dataset)).toEqual([{ work: 'compare' }]);
    const replayed = aSync(dataset, {
      version: 2,
      state: 'RUNNING',
      kind: 'replay',
      scope: { prefix: 'a/' },
    });
    await deps.syncs.replace(replayed);
    stage.clock.now += 6 * MINUTE;
    expect(await asked(dataset)).toEqual([{ work: 'replay', id: replayed.id, scope: { prefix: 'a/' } }]);
  });

  test('paused: not at all, and nothing of it is begun', async () => {
    const dataset = await newDataset();
    await deps.datasets.pause(dataset.id, 1);
    await hold(dataset);
    expect(await asked(dataset)).toEqual([]);
    await deps.datasets.resume(dataset.id);
    expect(await asked(dataset)).toEqual([{ work: 'release' }, { work: 'compare' }]);
  });
});

describe('a datasource that has refused something', () => {
  /** That it refuses, or works, is what its bucket says: the landing bucket is there, another one is not. */
  const moveTo = async (dataset: Dataset, version: number, bucket: string) => {
    const key = { s3Region: 'eu-central-1', s3AccessKeyId: 'AKID', s3SecretAccessKey: 'not-a-secret' };
    await deps.datasources.replace({
      ...{ datasetId: dataset.id, version, lastModifiedAt: 1 },
      configs: [{ type: 'S3', purpose: 'INPUT', fullPath: `s3://${bucket}/`, ...key }],
    });
  };

  test('is tried each round; once it works, events are released and what had failed goes on', async () => {
    const dataset = await newDataset();
    await moveTo(dataset, 1, 'no-such-bucket');
    await deps.syncs.replace(aSync(dataset, { state: 'FAILED' }));
    await noteProblem(dataset);
    await hold(dataset);
    stage.clock.now += 10 * MINUTE;
    expect(await asked(dataset)).toEqual([]);
    expect(deps.telemetry.total('DatasourcesFailing')).toBe(1);
    expect((await deps.datasourceStates.get(dataset.id))?.problem?.code).toBe('NO_SUCH_BUCKET');

    await moveTo(dataset, 2, stage.buckets.landing);
    // The session of the bucket that was refused is not asked for again.
    stage.clock.now += 10 * MINUTE;
    const messages = await asked(dataset);
    expect(messages).toContainEqual({ work: 'release' });
    expect(messages).toContainEqual({ work: 'compare' });
    expect((await deps.datasourceStates.get(dataset.id))?.problem).toBeUndefined();
  });

  test('and does not answer keeps nobody else from being tried', async () => {
    const [silent, dataset] = [await newDataset(), await newDataset()];
    await moveTo(silent, 1, 'silent-bucket');
    await moveTo(dataset, 1, stage.buckets.landing);
    await noteProblem(silent);
    await noteProblem(dataset);
    const { datasourceConnections } = deps;
    const open = (async (datasource) =>
      datasource.place.bucket === 'silent-bucket'
        ? new Promise(() => {})
        : datasourceConnections.open(datasource)) as typeof datasourceConnections.open;
    deps = { ...deps, datasourceConnections: { open }, longestTrialMs: 5_000 };
    await asked(dataset);
    expect((await deps.datasourceStates.get(dataset.id))?.problem).toBeUndefined();
    expect((await deps.datasourceStates.get(silent.id))?.problem).toBeDefined();
    expect(deps.telemetry.total('DatasourcesFailing')).toBe(1);
  });

  test('and fails for now refuses still, and the round has not failed for it', async () => {
    const dataset = await newDataset();
    await moveTo(dataset, 1, stage.buckets.landing);
    await noteProblem(dataset);
    const open = async () => Promise.reject(new RetryableError('SERVICE_UNAVAILABLE', 'It failed for now.'));
    deps = { ...deps, datasourceConnections: { open } };
    expect(await asked(dataset)).toEqual([]);
    expect(deps.telemetry.total('DatasourcesFailing')).toBeGreaterThan(0);
    expect(deps.telemetry.logged).toContainEqual({
      ...{ level: 'warn', message: 'Datasource fails for now' },
      fields: { datasetId: dataset.id, reason: 'It failed for now.' },
    });
    expect((await deps.datasourceStates.get(dataset.id))?.problem).toBeDefined();
  });

  test('and answers too late is tried again: its problem is over when what waits for it goes on', async () => {
    const dataset = await newDataset();
    await moveTo(dataset, 1, stage.buckets.landing);
    await noteProblem(dataset);
    const { datasourceConnections, datasourceStates, longestTrialMs } = deps;
    const late = Promise.withResolvers<void>();
    const open = (async (datasource) => {
      await late.promise;
      return datasourceConnections.open(datasource);
    }) as typeof datasourceConnections.open;
    deps = { ...deps, datasourceConnections: { open }, longestTrialMs: 300 };
    expect(await asked(dataset)).toEqual([]);
    late.resolve();
    await sleep(1_500);
    expect((await datasourceStates.get(dataset.id))?.problem).toBeDefined();
    deps = { ...deps, datasourceConnections, longestTrialMs };
    expect(await asked(dataset)).toContainEqual({ work: 'release' });
  });

  test('and is replaced while it is tried: what comes of that says nothing of the one that took its place', async () => {
    const dataset = await newDataset();
    await moveTo(dataset, 1, stage.buckets.landing);
    await noteProblem(dataset);
    const { datasourceConnections, datasourceStates } = deps;
    const open = (async (datasource) => {
      // As the API does it.
      await moveTo(dataset, 2, 'no-such-bucket');
      await datasourceStates.forget(dataset.id, 2);
      return datasourceConnections.open(datasource);
    }) as typeof datasourceConnections.open;
    deps = { ...deps, datasourceConnections: { open } };
    expect(await tryFailingDatasource(dataset, deps, { mayTry: () => true })).toBe(1);
    expect(deps.syncQueue.take()).toEqual([]);
    expect(await datasourceStates.get(dataset.id)).toEqual({ datasetId: dataset.id, version: 2 });
  });

  test('whose problem is over, and nothing goes on because the process dies: the next round sees to it', async () => {
    const dataset = await newDataset();
    await deps.syncs.replace(aSync(dataset, { state: 'FAILED', kind: 'replay', scope: { prefix: 'a/' } }));
    await hold(dataset);
    stage.clock.now += 5 * MINUTE;
    expect(await asked(dataset)).toEqual([{ work: 'release' }, { work: 'compare' }]);
  });
});

test('a datasource that became another place is listed in the next round, though nobody was told', async () => {
  const dataset = await newDataset();
  const key = { s3Region: 'eu-central-1', s3AccessKeyId: 'AKID', s3SecretAccessKey: 'not-a-secret' };
  const input = { type: 'S3', purpose: 'INPUT', fullPath: 's3://elsewhere/', ...key } as const;
  await deps.syncs.replace(aSync(dataset));
  expect(await asked(dataset)).toEqual([]);
  const datasetId = dataset.id;
  await deps.datasources.replace({ datasetId, version: 1, lastModifiedAt: 1, configs: [input] });
  expect(await asked(dataset)).toEqual([{ work: 'compare' }]);
  // Another server is another place.
  const stored = await deps.datasources.get(datasetId);
  const placeDigest = placeDigestOf(datasourceOf(dataset, stored, 'INPUT'));
  await deps.syncs.replace(aSync(dataset, { version: 2, placeDigest }));
  expect(await asked(dataset)).toEqual([]);
  const settings = {
    ...dataset.settings,
    input: { ...dataset.settings.input, endpoint: 'https://store.example.com' },
  };
  await deps.datasets.replaceSettings(datasetId, settings, dataset.settingsVersion);
  expect(await asked(dataset)).toEqual([{ work: 'compare' }]);
});
