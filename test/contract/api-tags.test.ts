import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import type { TagChangeData } from '#contracts/protocol/types.gen';
import { newLandingDataset } from '#platform/datasets/datasets';
import { maskOfRange } from '#platform/tags/bit-mask';
import { upsizeTags } from '#platform/tags/initial-tag';
import { initialTagId } from '#platform/tags/run-tags';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId, someSample } from '../support/documents.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

/** A dataset of so many samples. */
async function datasetOf(sampleCount: number): Promise<Dataset> {
  const name = `tags-${newId()}`;
  const { datasets, buckets } = world.deps;
  const { id } = await datasets.ensure(name, (made) =>
    newLandingDataset(made, name, buckets, 1_700_000_000_000),
  );
  await addSamples(id, 0, sampleCount);
  return (await datasets.get(id))!;
}
async function addSamples(datasetId: string, from: number, to: number): Promise<void> {
  await world.deps.samples.put(
    Array.from({ length: to - from }, (_, offset) => someSample(datasetId, from + offset)),
  );
  await world.deps.datasets.advance(datasetId, { sampleCount: to, processedUntil: 1_700_000_000_000 });
}
/** A dataset of eight samples with its initial tag. */
async function taggedDataset() {
  const path = { datasetId: (await datasetOf(8)).id };
  const { id } = await world.call('create_initial_tag_by_dataset_id', { path, body: { imgType: 'full' } });
  return { path, initial: id };
}
const tagWith = (prevTagId: string, bitMaskData: string, name = `tag-${newId()}`) => ({
  name,
  prevTagId,
  bitMaskData,
  totSize: 8,
});
const tagOf = (path: { datasetId: string }, tagId: string) =>
  world.call('get_tag_by_tag_id', { path: { ...path, tagId } });
const namesOf = async (path: { datasetId: string }) =>
  (await world.call('get_tags_by_dataset_id', { path })).map(({ name }) => name);

describe('the initial tag', () => {
  test('holds all samples, and there is one', async () => {
    const path = { datasetId: (await datasetOf(5)).id };
    const body = { imgType: 'full', creator: 'USER_PIP' } as const;
    const { id } = await world.call('create_initial_tag_by_dataset_id', { path, body });
    expect(await tagOf(path, id)).toMatchObject({
      name: 'initial-tag',
      prevTagId: null,
      bitMaskData: '0x1f',
      totSize: 5,
      changes: [{ creator: 'USER_PIP', changes: { initial: {} } }],
    });
    expect(await world.refused('create_initial_tag_by_dataset_id', { path, body })).toMatchObject({
      status: 409,
      error: { code: 'TAG_INITIAL_EXISTS' },
    });
    expect((await world.deps.datasets.get(path.datasetId))?.imgType).toBe('full');
  });

  test('is given again to the run that has made it', async () => {
    const path = { datasetId: (await datasetOf(2)).id };
    const body = { imgType: 'full', runId: newId() } as const;
    const first = await world.call('create_initial_tag_by_dataset_id', { path, body });
    expect(await world.call('create_initial_tag_by_dataset_id', { path, body })).toEqual(first);
    expect((await tagOf(path, first.id)).runId).toBe(body.runId);
  });

  test('of a dataset without samples is empty', async () => {
    const path = { datasetId: (await datasetOf(0)).id };
    const { id } = await world.call('create_initial_tag_by_dataset_id', { path, body: { imgType: 'meta' } });
    expect(await tagOf(path, id)).toMatchObject({ bitMaskData: '0x0', totSize: 0 });
  });

  test('grows when the dataset is upsized, and the new samples are a tag', async () => {
    const { path, initial } = await taggedDataset();
    await addSamples(path.datasetId, 8, 11);
    const body = { upsizeTagName: '20260102_03h04m05s', upsizeTagCreator: 'USER_PIP' } as const;
    const { id } = await world.call('upsize_tags_by_dataset_id', { path, body });
    expect(await tagOf(path, id)).toMatchObject({
      bitMaskData: '0x700',
      totSize: 11,
      prevTagId: initial,
      name: body.upsizeTagName,
    });
    const grown = await tagOf(path, initial);
    expect(grown).toMatchObject({ bitMaskData: '0x7ff', totSize: 11 });
    expect(grown.changes?.at(-1)?.changes).toEqual({ upsize: { from: 8, to: 11 } });
    expect(await world.refused('upsize_tags_by_dataset_id', { path, body })).toMatchObject({
      status: 409,
      error: { code: 'TAG_NAME_EXISTS' },
    });
    const nothingNew = await world.call('upsize_tags_by_dataset_id', {
      path,
      body: { ...body, upsizeTagName: 'nothing new' },
    });
    expect(await tagOf(path, nothingNew.id)).toMatchObject({ bitMaskData: '0x0', totSize: 11 });
  });

  test('is grown by whoever repeats an upsize that died half way', async () => {
    const { path, initial } = await taggedDataset();
    await addSamples(path.datasetId, 8, 10);
    const body = { upsizeTagName: 'half way', upsizeTagCreator: 'USER_WORKER', runId: newId() } as const;
    const { tags, datasets } = world.deps;
    const died = new Error('killed');
    const dying = { tags: { ...tags, update: () => Promise.reject(died) }, datasets, now: Date.now };
    const dataset = (await datasets.get(path.datasetId))!;
    await expect(upsizeTags(dataset, body, 'somebody', dying)).rejects.toBe(died);
    expect((await tagOf(path, initial)).totSize).toBe(8);
    const { id } = await world.call('upsize_tags_by_dataset_id', { path, body });
    expect((await tagOf(path, initial)).totSize).toBe(10);
    expect(await tagOf(path, id)).toMatchObject({ bitMaskData: '0x300', totSize: 10 });
    expect(await namesOf(path)).toEqual(['half way', 'initial-tag']);
  });

  test('is needed before anything can be upsized', async () => {
    const path = { datasetId: (await datasetOf(1)).id };
    const body = { upsizeTagName: 'too early', upsizeTagCreator: 'USER_PIP' };
    expect(await world.refused('upsize_tags_by_dataset_id', { path, body })).toMatchObject({
      status: 400,
      error: { code: 'TAG_NO_TAG_IN_DATASET' },
    });
  });
});

describe('a tag', () => {
  test('is created of a part of its parent, found by its id and listed newest first', async () => {
    const { path, initial } = await taggedDataset();
    const body = { ...tagWith(initial, '0x0005', 'first'), creator: 'USER_PIP' } as const;
    const first = await world.call('create_tag_by_dataset_id', { path, body });
    const second = await world.call('create_tag_by_dataset_id', {
      path,
      body: { ...tagWith(first.id, '0x1', 'second'), queryTagId: initial, preselectedTagId: first.id },
    });
    const tag = await tagOf(path, first.id);
    expect(tag).toMatchObject({ id: first.id, ...path, prevTagId: initial, bitMaskData: '0x5', totSize: 8 });
    expect(await tagOf(path, second.id)).toMatchObject({ queryTagId: initial, preselectedTagId: first.id });
    const listed = await world.call('get_tags_by_dataset_id', { path });
    expect(listed.map(({ name }) => name).at(-1)).toBe('initial-tag');
    expect(listed.find(({ name }) => name === 'first')).toEqual(tag);
    expect(listed.map(({ createdAt }) => createdAt)).toEqual(
      listed.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
    );
  });

  test('has the size of its dataset; a client may give its own size as well, and nothing else', async () => {
    const { path, initial } = await taggedDataset();
    for (const totSize of [2, 8]) {
      const body = { ...tagWith(initial, '0x81'), totSize };
      const { id } = await world.call('create_tag_by_dataset_id', { path, body });
      expect((await tagOf(path, id)).totSize).toBe(8);
    }
    for (const totSize of [1, 9, -1]) {
      const body = { ...tagWith(initial, '0x81'), totSize };
      expect(await world.refused('create_tag_by_dataset_id', { path, body })).toMatchObject({
        status: 400,
        error: { code: 'DATASET_TAG_INVALID' },
      });
    }
  });

  test('has a name of its own in its dataset', async () => {
    const { path, initial } = await taggedDataset();
    const body = tagWith(initial, '0x1', 'taken');
    await world.call('create_tag_by_dataset_id', { path, body });
    expect(await world.refused('create_tag_by_dataset_id', { path, body })).toMatchObject({
      status: 409,
      error: { code: 'TAG_NAME_EXISTS' },
    });
    const other = await taggedDataset();
    await world.call('create_tag_by_dataset_id', {
      path: other.path,
      body: tagWith(other.initial, '0x1', 'taken'),
    });
    const long = { path, body: tagWith(initial, '0x1', 'n'.repeat(256)) };
    expect(await world.refused('create_tag_by_dataset_id', long)).toMatchObject({ status: 400 });
  });

  test('is given again to the run that has made it', async () => {
    const { path, initial } = await taggedDataset();
    const body = { ...tagWith(initial, '0x3'), runId: newId() };
    const first = await world.call('create_tag_by_dataset_id', { path, body });
    expect(await world.call('create_tag_by_dataset_id', { path, body })).toEqual(first);
    const other = { path, body: { ...body, bitMaskData: '0x7' } };
    expect(await world.refused('create_tag_by_dataset_id', other)).toMatchObject({ status: 409 });
  });

  test('with samples that its parent or the dataset does not have is refused', async () => {
    const { path, initial } = await taggedDataset();
    const { id: parent } = await world.call('create_tag_by_dataset_id', {
      path,
      body: tagWith(initial, '0xf'),
    });
    for (const body of [
      tagWith(parent, '0x10'),
      tagWith(initial, '0x100'),
      tagWith(initial, `0x1${'0'.repeat(1_000_000)}`),
    ]) {
      expect(await world.refused('create_tag_by_dataset_id', { path, body })).toMatchObject({
        status: 400,
        error: { code: 'DATASET_TAG_INVALID' },
      });
    }
    const zeros = tagWith(initial, `0x${'0'.repeat(1_000_000)}1`);
    const { id } = await world.call('create_tag_by_dataset_id', { path, body: zeros });
    expect((await tagOf(path, id)).bitMaskData).toBe('0x1');
  });

  test('names only tags of its own dataset', async () => {
    const [{ path, initial }, other] = [await taggedDataset(), await taggedDataset()];
    const cases = [
      [tagWith(other.initial, '0x1'), 'TAG_PREVTAG_NOT_IN_DATASET'],
      [{ ...tagWith(initial, '0x1'), queryTagId: other.initial }, 'TAG_QUERYTAG_NOT_IN_DATASET'],
      [{ ...tagWith(initial, '0x1'), preselectedTagId: newId() }, 'TAG_PRESELECTEDTAG_NOT_IN_DATASET'],
    ] as const;
    for (const [body, code] of cases) {
      expect(await world.refused('create_tag_by_dataset_id', { path, body })).toMatchObject({
        status: 400,
        error: { code },
      });
    }
    for (const id of ['get_tag_by_tag_id', 'delete_tag_by_tag_id'] as const) {
      expect(await world.refused(id, { path: { ...path, tagId: other.initial } })).toMatchObject({
        status: 404,
        error: { code: 'TAG_UNKNOWN' },
      });
    }
  });

  test('is renamed, and its changes are noted', async () => {
    const { path, initial } = await taggedDataset();
    const { id } = await world.call('create_tag_by_dataset_id', {
      path,
      body: tagWith(initial, '0x1', 'before'),
    });
    const tagPath = { ...path, tagId: id };
    const body = { name: 'after', updateCreator: 'USER_WEBAPP' } as const;
    await world.call('update_tag_by_tag_id', { path: tagPath, body });
    await world.call('update_tag_by_tag_id', { path: tagPath, body });
    expect(await tagOf(path, id)).toMatchObject({
      name: 'after',
      changes: [{ creator: 'USER_WEBAPP', changes: { rename: { from: 'before', to: 'after' } } }],
    });
    await world.call('create_tag_by_dataset_id', { path, body: tagWith(initial, '0x1', 'before') });
    const taken = { path: tagPath, body: { name: 'before' } };
    expect(await world.refused('update_tag_by_tag_id', taken)).toMatchObject({
      status: 409,
      error: { code: 'TAG_NAME_EXISTS' },
    });
    const unknown = { path: { ...path, tagId: newId() }, body };
    expect(await world.refused('update_tag_by_tag_id', unknown)).toMatchObject({
      status: 404,
      error: { code: 'TAG_UNKNOWN' },
    });
  });

  test('keeps what a client says of a change as it was said, unless it is nested too deep', async () => {
    const { path, initial } = await taggedDataset();
    const said = JSON.parse('{"huge": 1e300, "": {"exact": 9007199254740992}}');
    const update = (changes: TagChangeData) => ({
      path: { ...path, tagId: initial },
      body: { name: 'initial-tag', changes },
    });
    await world.call('update_tag_by_tag_id', update(said));
    expect((await tagOf(path, initial)).changes?.at(-1)?.changes).toEqual(said);
    const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);
    const refusal = await world.refused('update_tag_by_tag_id', update({ deep }));
    expect(refusal).toMatchObject({ status: 400, error: { error: expect.stringContaining('nesting') } });
  });

  test('gets other samples, as long as it is within its parent and holds its children', async () => {
    const { path, initial } = await taggedDataset();
    const { id: parent } = await world.call('create_tag_by_dataset_id', {
      path,
      body: tagWith(initial, '0x3f', 'parent'),
    });
    const { id } = await world.call('create_tag_by_dataset_id', {
      path,
      body: tagWith(parent, '0x7', 'tag'),
    });
    await world.call('create_tag_by_dataset_id', { path, body: tagWith(id, '0x1', 'child') });
    const update = (bitMaskData: string, changes?: TagChangeData) => ({
      path: { ...path, tagId: id },
      body: { name: 'tag', bitMaskData, ...(changes && { changes }) },
    });
    await world.call('update_tag_by_tag_id', update('0x19'));
    const tag = await tagOf(path, id);
    expect(tag).toMatchObject({ bitMaskData: '0x19', totSize: 8 });
    expect(tag.changes?.at(-1)?.changes).toEqual({
      samples: { method: 'selected', count: 3, added: 2, removed: 2 },
    });
    for (const mask of ['0x40', '0x8', '0x100']) {
      expect(await world.refused('update_tag_by_tag_id', update(mask))).toMatchObject({
        status: 400,
        error: { code: 'DATASET_TAG_INVALID' },
      });
    }
    const view = { scatterplot: { method: 'added' as const, view: 'pca', count: 3, added: 1, removed: 0 } };
    await world.call('update_tag_by_tag_id', update('0x19', view));
    expect((await tagOf(path, id)).changes?.at(-1)?.changes).toEqual(view);
    const tooMuch = update('0x19', { note: 'n'.repeat(20_000) });
    expect(await world.refused('update_tag_by_tag_id', tooMuch)).toMatchObject({ status: 400 });
    const renamedInitial = { path: { ...path, tagId: initial }, body: { name: 'all' } };
    expect(await world.refused('update_tag_by_tag_id', renamedInitial)).toMatchObject({ status: 400 });
  });

  test('can be deleted where nothing is a part of it; the initial tag never', async () => {
    const { path, initial } = await taggedDataset();
    const { id: parent } = await world.call('create_tag_by_dataset_id', {
      path,
      body: tagWith(initial, '0x3'),
    });
    const { id: leaf } = await world.call('create_tag_by_dataset_id', { path, body: tagWith(parent, '0x1') });
    expect(await world.refused('delete_tag_by_tag_id', { path: { ...path, tagId: parent } })).toMatchObject({
      status: 409,
      error: { code: 'TAG_UNDELETABLE_NOT_A_LEAF' },
    });
    expect(await world.refused('delete_tag_by_tag_id', { path: { ...path, tagId: initial } })).toMatchObject({
      status: 409,
      error: { code: 'TAG_UNDELETABLE_IS_INITIAL' },
    });
    for (const tagId of [leaf, parent]) {
      await world.call('delete_tag_by_tag_id', { path: { ...path, tagId } });
    }
    expect(await namesOf(path)).toEqual(['initial-tag']);
    expect(await world.refused('delete_tag_by_tag_id', { path: { ...path, tagId: leaf } })).toMatchObject({
      status: 404,
    });
  });
});

describe('arithmetics', () => {
  test('give the mask of what two tags have together, both, or only one of them', async () => {
    const { path, initial } = await taggedDataset();
    const create = async (mask: string) =>
      (await world.call('create_tag_by_dataset_id', { path, body: tagWith(initial, mask) })).id;
    const [tagId1, tagId2] = [await create('0x1e'), await create('0x78')];
    const expected = { UNION: '0x7e', INTERSECTION: '0x18', DIFFERENCE: '0x6' } as const;
    for (const [operation, bitMaskData] of Object.entries(expected)) {
      const body = { tagId1, tagId2, operation: operation as keyof typeof expected };
      expect(await world.call('perform_tag_arithmetics_bitmask', { path, body })).toEqual({ bitMaskData });
      expect(await world.call('perform_tag_arithmetics', { path, body })).toEqual({ bitMaskData });
      const named = { ...body, newTagName: `by ${operation}`, creator: 'USER_PIP' } as const;
      const made = await world.call('perform_tag_arithmetics', { path, body: named });
      const tag = await tagOf(path, (made as { id: string }).id);
      const prevTagId = operation === 'UNION' ? initial : tagId1;
      expect(tag).toMatchObject({ bitMaskData, prevTagId, name: named.newTagName });
      expect(tag.changes?.[0]?.changes.arithmetics).toMatchObject({ operation });
      expect(await world.refused('perform_tag_arithmetics', { path, body: named })).toMatchObject({
        status: 409,
        error: { code: 'TAG_NAME_EXISTS' },
      });
    }
    const same = { tagId1, tagId2: tagId1, operation: 'DIFFERENCE' } as const;
    expect(await world.call('perform_tag_arithmetics_bitmask', { path, body: same })).toEqual({
      bitMaskData: '0x0',
    });
    for (const body of [
      { ...same, tagId2: newId() },
      { ...same, tagId1: newId() },
    ]) {
      expect(await world.refused('perform_tag_arithmetics_bitmask', { path, body })).toMatchObject({
        status: 404,
        error: { code: 'TAG_UNKNOWN' },
      });
    }
  });
});

test('tags that the pipeline made are there, and its initial tag is the same one', async () => {
  const dataset = await datasetOf(8);
  await world.deps.tags.create({
    id: initialTagId(dataset.id),
    datasetId: dataset.id,
    name: 'initial-tag',
    prevTagId: null,
    bitMaskData: maskOfRange(0, 8),
    totSize: 8,
    creator: 'USER_WORKER',
    createdAt: 1,
    lastModifiedAt: 1,
    runId: newId(),
    changes: [],
  });
  const path = { datasetId: dataset.id };
  expect(await namesOf(path)).toEqual(['initial-tag']);
  const body = { imgType: 'full' };
  expect(await world.refused('create_initial_tag_by_dataset_id', { path, body })).toMatchObject({
    error: { code: 'TAG_INITIAL_EXISTS' },
  });
});
