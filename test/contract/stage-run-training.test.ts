import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { parseCheckpoint } from '#worker/training/checkpoint';
import { LEAST_TRAINING_IMAGES } from '#worker/training/train-projection';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { newId } from '../support/documents.ts';
import { datasetWithPhotos } from '../support/photographed-dataset.ts';
import { runOf } from '../support/run-outcome.ts';
import { type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const TRAINING = { docker: { enableTraining: true }, lightly: { trainer: { maxEpochs: 3 } } };
const PHOTOS = LEAST_TRAINING_IMAGES + 1;

async function carriedOut(dataset: Dataset, config: Parameters<typeof scheduleRun>[2]) {
  const { scheduledId } = await scheduleRun(world, dataset, config);
  await carryOutRun({ datasetId: dataset.id, scheduledId }, world);
  const { run, artifacts } = await runOf(world, scheduledId);
  const states = run.messages.map(({ state }) => state);
  const lines = await world.runLogs.read(run.id, 0, 1_000);
  const warnings = lines.flatMap(({ level, msg }) => (level === 'WARNING' ? [msg] : []));
  return { run, states, warnings, message: run.messages.at(-1)?.message, artifacts };
}

describe('a run that trains', () => {
  test('leaves a checkpoint behind, with which another run selects alike', async () => {
    const dataset = await datasetWithPhotos(world, PHOTOS);
    const { run, states, artifacts } = await carriedOut(dataset, TRAINING);
    expect(states).toEqual(expect.arrayContaining(['TRAINING', 'EMBEDDING', 'COMPLETED']));
    const text = artifacts.get('checkpoint.ckpt')?.toString() ?? '';
    const { embeddingModel, head, fit } = parseCheckpoint(text);
    expect({ embeddingModel, ...head }).toMatchObject({
      ...{ embeddingModel: 'classical-v2', inputDimension: 256, outputDimension: 32 },
    });
    expect(fit).toMatchObject({ images: PHOTOS, epochs: 3 });
    expect(await world.artifacts.list(run.id)).toContainEqual(
      expect.objectContaining({ type: 'CHECKPOINT', fileName: 'checkpoint.ckpt' }),
    );
    expect(run.messages.find(({ state }) => state === 'EMBEDDING')?.message).toContain(
      'projected to 32 values',
    );

    const other = await datasetWithPhotos(world, PHOTOS);
    const reused = await carriedOut(other, { docker: { checkpointRunId: run.id } });
    expect(reused.states).not.toContain('TRAINING');
    expect(reused.artifacts.get('selection.csv')).toEqual(artifacts.get('selection.csv'));
    const plain = await carriedOut(await datasetWithPhotos(world, PHOTOS), {});
    expect(plain.artifacts.get('selection.csv')).not.toEqual(artifacts.get('selection.csv'));
  }, 120_000);

  test('trains on tiles where it is told to', async () => {
    const autoTasks = [{ type: 'TILING', name: 'quarters', numRows: 2, numCols: 2 }];
    const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
    const dataset = await datasetWithPhotos(world, LEAST_TRAINING_IMAGES / 4);
    const { artifacts } = await carriedOut(dataset, {
      docker: { enableTraining: true, training: { taskName: 'quarters' } },
      lightly: { trainer: { maxEpochs: 1 }, model: { numFtrs: 8 } },
      selection: { nSamples: 2, autoTasks, strategies },
    });
    const { head, fit } = parseCheckpoint(artifacts.get('checkpoint.ckpt')?.toString() ?? '');
    expect(fit.images).toBe(LEAST_TRAINING_IMAGES);
    expect(head.outputDimension).toBe(8);
  }, 120_000);

  test('of a few images only goes on without it, and the log says so', async () => {
    const { run, warnings, artifacts } = await carriedOut(await datasetWithPhotos(world, 3), TRAINING);
    expect(run.state).toBe('COMPLETED');
    expect(warnings).toEqual([expect.stringMatching(/Training was left out.*16 images.*there are 3/)]);
    expect(artifacts.has('checkpoint.ckpt')).toBe(false);
  });

  test.each([
    [
      'more values than the embedding has',
      { ...TRAINING, lightly: { model: { numFtrs: 300 } } },
      /numFtrs: 300.*256/,
    ],
    [
      'a run that left none',
      { docker: { checkpointRunId: newId() } },
      /docker.checkpointRunId: there is no checkpoint/,
    ],
  ])('is FAILED for %s', async (_, config, message) => {
    const failed = await carriedOut(await datasetWithPhotos(world, 3), config);
    expect(failed.run.state).toBe('FAILED');
    expect(failed.message).toMatch(message);
  });

  test('is FAILED for a checkpoint of a dataset that who scheduled it may not use', async () => {
    const { run } = await carriedOut(await datasetWithPhotos(world, PHOTOS), TRAINING);
    const stranger = {
      id: newId(),
      email: 'stranger@example.com',
      name: 'Stranger',
      role: 'MEMBER',
    } as const;
    await world.users.create({ ...stranger, createdAt: 1 });
    const own = { ...(await datasetWithPhotos(world, 3)), userId: stranger.id };
    const failed = await carriedOut(own, { docker: { checkpointRunId: run.id } });
    expect(failed.message).toMatch(/there is no checkpoint of a run .* that you may use/);
  }, 120_000);

  test('is FAILED for a checkpoint of another model', async () => {
    const dataset = await datasetWithPhotos(world, PHOTOS);
    const { run } = await carriedOut(dataset, TRAINING);
    const [artifact] = (await world.artifacts.list(run.id)).filter(({ type }) => type === 'CHECKPOINT');
    const place = { bucket: world.platformBucket, key: artifact!.key };
    const { artifacts } = await runOf(world, run.scheduledId ?? '');
    const other = artifacts.get('checkpoint.ckpt')!.toString().replace('classical-v2', 'learned-v1');
    await world.objects.put(place, other, { contentType: 'application/json' });
    const failed = await carriedOut(await datasetWithPhotos(world, 3), {
      docker: { checkpointRunId: run.id },
    });
    expect(failed.message).toMatch(/docker.checkpointRunId.*'learned-v1'.*'classical-v2'/);
  }, 120_000);
});
