import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { objectStore } from '#aws/s3-objects';
import { getItem, putItem } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { tagKey, tagNameKey } from '#contracts/table-keys';
import type { Tag } from '#contracts/tags';
import { maskOfRange } from '#platform/tags/bit-mask';
import type { TagStore } from '#platform/tags/tags';
import {
  type StorageServer,
  startStorageServer,
  startTableServer,
  type TableServer,
} from '../support/aws-servers.ts';
import { collect, newId, race, someTag } from '../support/documents.ts';

let server: TableServer;
let storage: StorageServer;
beforeAll(async () => {
  [server, storage] = await Promise.all([startTableServer(), startStorageServer()]);
});
afterAll(() => Promise.all([server.stop(), storage.stop()]));

const store = (): TagStore => tagStore(server.table, objectStore(storage.s3), storage.bucket);
const longMask = (samples: number) => ({ bitMaskData: maskOfRange(0, samples), totSize: samples });
const namesIn = async (datasetId: string) =>
  (await store().listHeaders(datasetId)).map(({ name }) => name).sort();

test('create leaves a tag of the same id as it is; of fifty racers one creates', async () => {
  const datasetId = newId();
  const id = newId();
  const created = await race((racer) => store().create(someTag(datasetId, { id, createdAt: racer + 1 })));
  expect(new Set(created.map(({ createdAt }) => createdAt)).size).toBe(1);
  expect(await store().get(datasetId, id)).toEqual(created[0]);
  expect(await store().get(datasetId, newId())).toBeUndefined();
  expect(await store().get(newId(), id)).toBeUndefined();
});

test('a name belongs to one tag: of twenty racers one gets it, and nothing is left of the others', async () => {
  const datasetId = newId();
  const tags = Array.from({ length: 20 }, () => someTag(datasetId, { name: 'wanted by all' }));
  const outcomes = await Promise.allSettled(tags.map((tag) => store().create(tag)));
  const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  expect(winners).toHaveLength(1);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? outcome.reason : []));
  expect(new Set(reasons.map(({ apiCode }) => apiCode))).toEqual(new Set(['TAG_NAME_EXISTS']));
  expect(await collect(store().list(datasetId))).toEqual(winners);
  expect((await store().findByName(datasetId, 'wanted by all'))?.id).toBe(winners[0]?.id);
  expect(await store().findByName(datasetId, 'wanted by nobody')).toBeUndefined();
});

test('a tag whose parent is not in the dataset is refused, and leaves its name free', async () => {
  const datasetId = newId();
  const orphan = someTag(datasetId, { name: 'child', prevTagId: newId() });
  await expect(store().create(orphan)).rejects.toMatchObject({ apiCode: 'TAG_PREVTAG_NOT_IN_DATASET' });
  expect(await store().get(datasetId, orphan.id)).toBeUndefined();
  const child = await store().create(someTag(datasetId, { name: 'child' }));
  expect(await namesIn(datasetId)).toEqual(['child']);
  expect(child.prevTagId).toBeNull();
});

test('a process that died leaves no name that nobody can take', async () => {
  const datasetId = newId();
  // Its tag is gone, or was never written.
  const claim = { name: 'left behind', tagId: newId(), nonce: 'n' };
  await putItem(server.table, { ...tagNameKey(datasetId, 'left behind'), ...claim });
  const tag = await store().create(someTag(datasetId, { name: 'left behind' }));
  expect((await store().findByName(datasetId, 'left behind'))?.id).toBe(tag.id);
});

test('a tag whose maker died after it had claimed the name is finished by whoever wants the name', async () => {
  const datasetId = newId();
  const whole = someTag(datasetId, { name: 'half made' });
  const { name, ...draft } = whole;
  await putItem(server.table, { ...tagKey(datasetId, whole.id), ...draft, wantedName: name, revision: 0 });
  expect(await store().get(datasetId, whole.id)).toBeUndefined();
  expect(await namesIn(datasetId)).toEqual([]);
  const claim = { name, tagId: whole.id, nonce: 'n' };
  await putItem(server.table, { ...tagNameKey(datasetId, name), ...claim });
  await expect(store().create(someTag(datasetId, { name }))).rejects.toMatchObject({
    apiCode: 'TAG_NAME_EXISTS',
  });
  expect(await store().create(whole)).toEqual(whole);
});

test('a renamed tag frees its name; a taken one is refused and changes nothing', async () => {
  const datasetId = newId();
  const first = await store().create(someTag(datasetId, { name: 'first' }));
  const second = await store().create(someTag(datasetId, { name: 'second' }));
  await expect(store().rename(datasetId, first.id, 'second')).rejects.toMatchObject({
    apiCode: 'TAG_NAME_EXISTS',
  });
  expect(await store().get(datasetId, first.id)).toEqual(first);
  await store().rename(datasetId, first.id, 'third');
  await store().rename(datasetId, second.id, 'first');
  await store().rename(datasetId, second.id, 'first');
  expect(await namesIn(datasetId)).toEqual(['first', 'third']);
  expect((await store().findByName(datasetId, 'first'))?.id).toBe(second.id);
  expect(await store().findByName(datasetId, 'second')).toBeUndefined();
  await store().rename(datasetId, second.id, 'second');
  await store().rename(datasetId, first.id, 'first');
  expect(await namesIn(datasetId)).toEqual(['first', 'second']);
  await expect(store().rename(datasetId, newId(), 'fourth')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('of many that rename to one name at once, one has it, and every tag keeps one name', async () => {
  const datasetId = newId();
  const tags = await Promise.all(
    Array.from({ length: 8 }, (_, at) => store().create(someTag(datasetId, { name: `tag ${at}` }))),
  );
  const outcomes = await Promise.allSettled(
    tags.map(({ id }) => store().rename(datasetId, id, 'the one name')),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const names = await namesIn(datasetId);
  expect(names).toHaveLength(8);
  expect(names.filter((name) => name === 'the one name')).toHaveLength(1);
  for (const name of names) expect((await store().findByName(datasetId, name))?.name).toBe(name);
});

test('update writes what is made of the stored tag; of fifty racers none is lost', async () => {
  const datasetId = newId();
  const { id } = await store().create(someTag(datasetId));
  await race(() => store().update(datasetId, id, (tag) => ({ ...tag, totSize: tag.totSize + 1 })), 20);
  expect(await store().get(datasetId, id)).toMatchObject({ id, name: 'initial-tag', totSize: 22 });
  expect(await store().update(datasetId, id, () => undefined)).toMatchObject({ totSize: 22 });
  expect(await store().update(datasetId, newId(), (tag) => tag)).toBeUndefined();
});

test('only a leaf can be deleted; its name is free then', async () => {
  const datasetId = newId();
  const parent = await store().create(someTag(datasetId, { name: 'parent' }));
  const child = await store().create(someTag(datasetId, { name: 'child', prevTagId: parent.id }));
  await expect(store().delete(datasetId, parent.id)).rejects.toMatchObject({
    apiCode: 'TAG_UNDELETABLE_NOT_A_LEAF',
    message: expect.stringContaining("'child'"),
  });
  await store().delete(datasetId, child.id);
  await store().delete(datasetId, child.id);
  await store().delete(datasetId, parent.id);
  expect(await namesIn(datasetId)).toEqual([]);
  expect(await getItem(server.table, tagNameKey(datasetId, 'child'))).toBeUndefined();
  await store().create(someTag(datasetId, { name: 'child' }));
});

test('of a parent that is deleted and a child that is made at once, only one succeeds', async () => {
  for (let round = 0; round < 10; round++) {
    const datasetId = newId();
    const parent = await store().create(someTag(datasetId, { name: 'parent' }));
    const child = someTag(datasetId, { name: 'child', prevTagId: parent.id });
    const [deleted, created] = await Promise.allSettled([
      store().delete(datasetId, parent.id),
      store().create(child),
    ]);
    expect([deleted.status, created.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect(await namesIn(datasetId)).toEqual(created.status === 'fulfilled' ? ['child', 'parent'] : []);
  }
});

test('a mask of more than 100,000 characters is an object, and comes back as it was', async () => {
  const datasetId = newId();
  const created = await store().create(someTag(datasetId, longMask(450_000)));
  expect(created.bitMaskData.length).toBeGreaterThan(100_000);
  expect(await store().get(datasetId, created.id)).toEqual(created);
  expect(await collect(store().list(datasetId))).toEqual([created]);
  const item = await getItem(server.table, tagKey(datasetId, created.id));
  expect(item).not.toHaveProperty('bitMaskData');
  const found = await objectStore(storage.s3).head({
    bucket: storage.bucket,
    key: String(item?.bitMaskKey),
  });
  expect(found?.size).toBe(created.bitMaskData.length);
});

test('a mask moves from the table to an object and back; another one of the same size is another object', async () => {
  const datasetId = newId();
  const small = await store().create(someTag(datasetId));
  const become = (fields: Partial<Tag>) =>
    store().update(datasetId, small.id, (tag) => ({ ...tag, ...fields }));
  const masks = [longMask(500_001), { ...longMask(500_001), bitMaskData: maskOfRange(7, 500_008) }];
  for (const mask of [...masks, { bitMaskData: '0x3', totSize: 2 }]) {
    await become(mask);
    expect(await store().get(datasetId, small.id)).toEqual({ ...small, ...mask });
  }
});

test('are listed newest first, beyond a page of 1 MB and with masks of all kinds', async () => {
  const datasetId = newId();
  const masks = [longMask(5), longMask(399_000), longMask(450_000)];
  const tags = Array.from({ length: 60 }, (_, at) =>
    someTag(datasetId, { name: `tag ${at}`, createdAt: 1 + ((at * 37) % 60), ...masks[at % 3] }),
  );
  for (const tag of tags) await store().create(tag);
  const expected = tags.toSorted((a, b) => b.createdAt - a.createdAt);
  expect((await store().listHeaders(datasetId)).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  expect(await collect(store().list(datasetId))).toEqual(expected);
  expect(await collect(store().list(newId()))).toEqual([]);
});
