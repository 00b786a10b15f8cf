import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NotFoundError } from '#contracts/errors';
import type { ShardMessage } from '#contracts/messages';
import { shardFactsKey } from '#contracts/s3-keys';
import type { SelectionEntry } from '#contracts/selection-config';
import { parseShardLines, shardLines } from '#worker/lines/shard-lines';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { selectInShard } from '../../functions/shard/select-in-shard.ts';
import { newId } from '../support/documents.ts';
import { putLightly } from '../support/given-files.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import { addImage, newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const IMAGES = 60;
const SELECTED = 9;
const DIVERSE = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];

async function datasetOfImages() {
  const dataset = await newDataset(world);
  for (let content = 0; content < IMAGES; content++) {
    await addImage(world, dataset, `${content}.jpg`, content);
  }
  return dataset;
}

/** Carries a run out by workers that select from 20 candidates at most, while shards are taken off their queue. */
async function carriedOut(
  message: Awaited<ReturnType<typeof scheduleRun>>,
  work = (shard: ShardMessage) => selectInShard(shard, world),
) {
  const shards: ShardMessage[] = [];
  let isOver = false;
  const run = carryOutRun(message, { ...world, mostCandidates: 20 }).finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const shard of await world.received<ShardMessage>('shardQueue')) {
      shards.push(shard);
      await work(shard);
    }
    await world.pause(1_000);
  }
  await run;
  return shards;
}

const readRound = async (shard: ShardMessage) => {
  const found = await world.objects.open({ bucket: world.platformBucket, key: shardFactsKey(shard) });
  const text = gunzipSync(await buffer(found!.body)).toString();
  return parseShardLines(Readable.from(text.split('\n').filter((line) => line !== '')));
};

const OF_UNKNOWN_TASK: SelectionEntry = {
  input: { type: 'PREDICTIONS', task: 'nobody', name: 'CLASS_DISTRIBUTION' },
  strategy: { type: 'BALANCE', distribution: 'UNIFORM' },
};

const answersOf = async (datasetId: string) => {
  const keys: string[] = [];
  for await (const { key } of world.objects.list(world.platformBucket, `handover/${datasetId}/`)) {
    if (key.endsWith('/answer.json')) keys.push(key);
  }
  return keys;
};

describe('a run over more candidates than one worker selects from', () => {
  test('selects in shards first, and as many as were asked for', async () => {
    const dataset = await datasetOfImages();
    const selection = { nSamples: SELECTED, strategies: DIVERSE };
    const message = await scheduleRun(world, dataset, { selection });
    const shards = await carriedOut(message);
    expect(shards.map(({ shard }) => shard).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const outcome = await outcomeOf(world, message.scheduledId);
    expect(outcome).toMatchObject({ state: 'COMPLETED', scheduled: 'DONE', isLocked: false, pending: [] });
    expect(outcome.samples).toHaveLength(SELECTED);
    expect(new Set(outcome.samples.map(({ fileName }) => fileName)).size).toBe(SELECTED);
  });

  /** Begins the run with a worker that dies when one shard has answered. */
  async function diesWithOneAnswer(message: Awaited<ReturnType<typeof scheduleRun>>): Promise<void> {
    const serveOnce = async () => {
      const [first] = await world.received<ShardMessage>('shardQueue');
      await selectInShard(first!, world);
    };
    let served: Promise<void> | undefined;
    const dying = {
      ...world,
      mostCandidates: 20,
      pause: async () => {
        served ??= serveOnce();
        await served;
        throw new Error('the worker dies');
      },
    };
    await expect(carryOutRun(message, dying)).rejects.toThrow('the worker dies');
    expect(await answersOf(message.datasetId)).toHaveLength(1);
  }

  test('asks no shard again that has answered, however often it is begun', async () => {
    const dataset = await datasetOfImages();
    const selection = { nSamples: SELECTED, strategies: DIVERSE };
    const message = await scheduleRun(world, dataset, { selection });
    await diesWithOneAnswer(message);
    const asked = await carriedOut(message);
    expect(new Set(asked.map(({ shard }) => shard)).size).toBe(5);
    expect(await outcomeOf(world, message.scheduledId)).toMatchObject({ state: 'COMPLETED', pending: [] });
  });

  test('asks all again where users have said something else of the images meanwhile', async () => {
    const dataset = await datasetOfImages();
    const weights = { input: { type: 'METADATA', key: 'worth' }, strategy: { type: 'WEIGHTS' } };
    const giveWorth = (worthOf: (at: number) => number) =>
      putLightly(world, dataset, {
        'metadata/schema.json': [
          { name: 'Worth', path: 'worth', defaultValue: 0, valueDataType: 'NUMERIC_INT' },
        ],
        ...Object.fromEntries(
          Array.from({ length: IMAGES }, (_, at) => [
            `metadata/${at}.json`,
            { type: 'image', metadata: { worth: worthOf(at) } },
          ]),
        ),
      });
    await giveWorth((at) => at);
    const message = await scheduleRun(world, dataset, { selection: { nSamples: 2, strategies: [weights] } });
    await diesWithOneAnswer(message);
    await giveWorth((at) => (at === 30 || at === 31 ? 2 : 1));
    const asked = await carriedOut(message);
    expect(new Set(asked.map(({ shard }) => shard)).size).toBe(6);
    const { samples } = await outcomeOf(world, message.scheduledId);
    expect(samples.map(({ fileName }) => fileName).sort()).toEqual(['30.jpg', '31.jpg']);
  });

  test('fails with the reason where a shard can not carry the selection out', async () => {
    const dataset = await datasetOfImages();
    const message = await scheduleRun(world, dataset, {
      selection: { nSamples: SELECTED, strategies: DIVERSE },
    });
    const refuse = async (shard: ShardMessage) => {
      const facts = await readRound(shard);
      const task = { ...facts.task, config: { nSamples: 1, strategies: [OF_UNKNOWN_TASK] } };
      await world.objects.put(
        { bucket: world.platformBucket, key: shardFactsKey(shard) },
        gzipSync([...shardLines({ ...facts, task })].join('')),
        { contentType: 'application/gzip' },
      );
      await selectInShard(shard, world);
    };
    await carriedOut(message, refuse);
    const { run } = await runOf(world, message.scheduledId);
    expect(run.state).toBe('FAILED');
    expect(run.messages.at(-1)?.message).toContain("'nobody'");
  });
});

describe('a shard', () => {
  test('is selected from once, however often its message comes', async () => {
    const dataset = await datasetOfImages();
    const message = await scheduleRun(world, dataset, {
      selection: { nSamples: SELECTED, strategies: DIVERSE },
    });
    const [shard] = await carriedOut(message);
    const before = await answersOf(dataset.id);
    await selectInShard(shard!, world);
    expect(await answersOf(dataset.id)).toEqual(before);
  });

  test('without its facts comes back', async () => {
    const lost = { datasetId: newId(), runId: newId(), digest: 'a'.repeat(24), shard: 0 };
    await expect(selectInShard(lost, world)).rejects.toThrow(NotFoundError);
  });
});
