import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { renameDataset } from '#platform/datasets/rename-dataset';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf, type ObjectEventRecord } from '../support/landing.ts';
import { photo } from '../support/photos.ts';
import { MINUTE, reconcileAndSync, reconcileDepsOver } from '../support/reconcile-stage.ts';

const enoughTime = { isLong: true, leftMs: () => 15 * 60_000 };

let stage: IngestStage;
beforeAll(async () => {
  stage = await startIngestStage();
  stage.clock.now = Date.now();
});
afterAll(() => stage.stop());

let datasetsMade = 0;
const newName = () => `folder-${++datasetsMade}`;
const put = async (name: string, file: string) => stage.landing.put(`${name}/${file}`, await photo(1));
/** The event as S3 sends it: with the time at which it happened. */
const deliver = (record: ObjectEventRecord, at: number) =>
  deliverBody(
    messageOf({ ...record, eventTime: new Date(at).toISOString() } as ObjectEventRecord),
    stage.deps,
    FIRST_DELIVERY,
  );
async function uploaded(name: string): Promise<Dataset> {
  await deliver(await put(name, 'a.jpg'), Date.now());
  return (await stage.datasets.findByName(name))!;
}
/** As the API does it; what a process has read of datasets is then too old to be used. */
async function remove({ id, name }: Dataset): Promise<number> {
  const at = Date.now();
  await stage.datasets.markDeleted(id, at, { evenIfLocked: false });
  await stage.datasets.releaseName(name, id, at);
  stage.clock.now += 5_000;
  return at;
}
/** Of the clock of reconcile (ms): each round comes when listings are due. */
let later = 0;
async function repair(): Promise<number> {
  later += 10 * MINUTE;
  const deps = { ...reconcileDepsOver(stage), now: () => Date.now() + later };
  await reconcileAndSync(enoughTime, stage, deps);
  const sent = deps.ingestQueue.take();
  for (const { message } of sent) await deliverBody(JSON.stringify(message), stage.deps, FIRST_DELIVERY);
  return sent.length;
}
const filesOf = async ({ id }: Dataset) => {
  const files: string[] = [];
  for await (const { fileName } of stage.deps.rawSamples.list(id)) files.push(fileName);
  return files.sort();
};

test('images of a deleted dataset make no new one: neither their late events nor reconcile', async () => {
  const name = newName();
  const dataset = await uploaded(name);
  const late = await put(name, 'late.jpg');
  const at = await remove(dataset);
  await deliver(late, at - 1);
  await repair();
  expect(await stage.datasets.findByName(name)).toBeUndefined();
});

test('an image that arrives after the deletion makes a new dataset, without the old images', async () => {
  const name = newName();
  const dataset = await uploaded(name);
  const at = await remove(dataset);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await deliver(await put(name, 'new.jpg'), at + 1_100);
  const made = (await stage.datasets.findByName(name))!;
  expect(made.id).not.toBe(dataset.id);
  await repair();
  expect(await filesOf(made)).toEqual(['new.jpg']);
});

test('a dataset that was renamed takes images in its old folder, and not in one of its new name', async () => {
  const [name, renamed] = [newName(), newName()];
  const { id } = await uploaded(name);
  const dataset = (await stage.datasets.get(id))!;
  await renameDataset(dataset, renamed, {
    datasets: stage.datasets,
    landing: stage.objects,
    landingBucket: stage.buckets.landing,
  });
  stage.clock.now += 5_000;
  await deliver(await put(name, 'b.jpg'), Date.now());
  await deliver(await put(renamed, 'c.jpg'), Date.now());
  await put(name, 'missed.jpg');
  await repair();
  expect(await filesOf(dataset)).toEqual(['a.jpg', 'b.jpg', 'missed.jpg']);
  expect(stage.telemetry.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ key: `${renamed}/c.jpg` }) }),
  );
});

test('an image that is removed from the folder of a renamed dataset is gone from it', async () => {
  const [name, renamed] = [newName(), newName()];
  const { id } = await uploaded(name);
  await renameDataset((await stage.datasets.get(id))!, renamed, {
    datasets: stage.datasets,
    landing: stage.objects,
    landingBucket: stage.buckets.landing,
  });
  stage.clock.now += 5_000;
  await stage.landing.remove(`${name}/a.jpg`);
  await repair();
  expect(await filesOf((await stage.datasets.get(id))!)).toEqual([]);
});
