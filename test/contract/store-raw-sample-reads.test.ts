import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSampleStore } from '#aws/raw-sample-store';
import type { RawSample } from '#contracts/items';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, someFacts, someRawSample, stateAfter } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const store = () => rawSampleStore(server.table);
const write = (state: RawSample) => store().write(state, { by: 'sequencer', sequencer: state.sequencer });
const newFile = () => ({ datasetId: newId(), fileName: 'a/b.jpg' });

describe('pending', () => {
  test('lists what was registered until the cutoff, and counts up to a limit', async () => {
    const datasetId = newId();
    const states = Array.from({ length: 40 }, (_, index) =>
      stateAfter({ datasetId, fileName: `${index}.jpg` }, { order: index + 1, eTag: 'e1' }),
    );
    await Promise.all(states.map(write));
    const cutoff = states[29]!.registeredAt;
    const listed = await collect(store().listPending(datasetId, cutoff));
    expect(new Set(listed.map(({ fileName }) => fileName))).toEqual(
      new Set(states.slice(0, 30).map(({ fileName }) => fileName)),
    );
    expect(await store().countPending(datasetId, 100)).toBe(40);
    expect(await store().countPending(datasetId, 7)).toBe(7);
    expect(await store().countPending(datasetId, 0)).toBe(0);
  });

  test('a rejected one is listed and counted; a settled or deleted one is neither', async () => {
    const datasetId = newId();
    const [kept, broken, settled, deleted] = ['kept', 'broken', 'settled', 'deleted'].map((fileName) =>
      stateAfter({ datasetId, fileName }, { order: 1, eTag: 'e1' }),
    ) as [RawSample, RawSample, RawSample, RawSample];
    const { facts: _, thumbName: __, ...base } = broken as ReturnType<typeof someRawSample>;
    const rejection = { code: 'CORRUPT', reason: 'premature end' } as const;
    await write({ ...base, state: 'rejected', rejection });
    await Promise.all([kept, settled, deleted].map(write));
    await store().settle(settled);
    await write(stateAfter(deleted, { order: 2 }));
    const listed = await collect(store().listPending(datasetId, kept.registeredAt));
    expect(listed.map(({ fileName }) => fileName).sort()).toEqual(['broken', 'kept']);
    expect(await store().countPending(datasetId, 10)).toBe(2);
    const all = await collect(store().list(datasetId));
    expect(all.map(({ fileName }) => fileName).sort()).toEqual(['broken', 'kept', 'settled']);
  });

  test('settling an older state leaves the newer one pending, and invents nothing', async () => {
    const file = newFile();
    const first = stateAfter(file, { order: 1, eTag: 'e1' });
    await write(first);
    const second = stateAfter(file, { order: 2, eTag: 'e2' });
    await write(second);
    await store().settle(first);
    expect(await store().get(file.datasetId, file.fileName)).toEqual(second);
    await store().settle({ ...file, fileName: 'unknown.jpg', registeredAt: 1 });
    expect(await store().get(file.datasetId, 'unknown.jpg')).toBeUndefined();
  });
});

describe('file names', () => {
  test.each([
    ['1,024 bytes', 'x'.repeat(1024)],
    ['1,024 bytes of unicode', 'é'.repeat(512)],
    ['signs', 'a b+c%20&?#/日本語 (1).jpg'],
  ])('%s', async (_, fileName) => {
    const state = stateAfter({ datasetId: newId(), fileName }, { order: 1, eTag: 'e1' });
    await write(state);
    expect(await store().get(state.datasetId, fileName)).toEqual(state);
    expect(await collect(store().listPending(state.datasetId, state.registeredAt))).toEqual([state]);
    expect(await collect(store().list(state.datasetId))).toEqual([state]);
  });
});

test('getMany reads any number by name, repeated and unknown ones included', async () => {
  const datasetId = newId();
  const states = Array.from({ length: 230 }, (_, index) =>
    stateAfter({ datasetId, fileName: `${index}.jpg` }, { order: 1, eTag: `e${index}` }),
  );
  await Promise.all(states.map(write));
  const names = states.map(({ fileName }) => fileName);
  const found = await store().getMany(datasetId, [...names, ...names, 'unknown.jpg']);
  expect(found.size).toBe(230);
  for (const state of states) expect(found.get(state.fileName)).toEqual(state);
  expect(await store().getMany(datasetId, [])).toEqual(new Map());
});

test('list reads beyond a page of 1 MB', async () => {
  const datasetId = newId();
  // 16 shards of more than 1 MB each would be slow to write, so each item is large.
  const embedding = new Float32Array(60_000).fill(0.5);
  const states = Array.from({ length: 60 }, (_, index) => ({
    ...someRawSample({ datasetId, fileName: `${index}.jpg`, eTag: `e${index}` }),
    facts: { ...someFacts(), embedding },
  }));
  for (const state of states) await write(state);
  const listed = await collect(store().list(datasetId));
  expect(listed.map(({ fileName }) => fileName).sort()).toEqual(
    states.map(({ fileName }) => fileName).sort(),
  );
  const pending = await collect(store().listPending(datasetId, states[0]!.registeredAt));
  expect(pending).toHaveLength(60);
});

describe('a range of names', () => {
  const names = ['a', 'a/b', 'a/c', 'ab', 'b', 'é', '\u{fffd}', '\u{1f600}'];
  const namesOf = async (datasetId: string, range: { after?: string; until?: string }) =>
    (await collect(store().listRange(datasetId, range))).map(({ fileName }) => fileName);

  test('is in the order of UTF-8 bytes, without its lower bound and with its upper one', async () => {
    const datasetId = newId();
    await Promise.all(
      names.map((fileName) => write(stateAfter({ datasetId, fileName }, { order: 1, eTag: 'e1' }))),
    );
    expect(await namesOf(datasetId, {})).toEqual(names);
    expect(await namesOf(datasetId, { after: 'a/b', until: 'é' })).toEqual(['a/c', 'ab', 'b', 'é']);
    expect(await namesOf(datasetId, { after: 'a/bb', until: 'az' })).toEqual(['a/c', 'ab']);
    expect(await namesOf(datasetId, { after: '\u{fffd}' })).toEqual(['\u{1f600}']);
    expect(await namesOf(datasetId, { after: 'c', until: 'd' })).toEqual([]);
  });

  test('says of every state what there is to compare, and no more', async () => {
    const datasetId = newId();
    const [fine, gone, archived] = ['fine', 'gone', 'archived'].map((fileName) =>
      stateAfter({ datasetId, fileName }, { order: 1, eTag: 'e1' }),
    ) as [RawSample, RawSample, RawSample];
    const { facts: _, thumbName: __, ...base } = archived as ReturnType<typeof someRawSample>;
    const rejection = { code: 'ARCHIVED', reason: 'in an archive' } as const;
    const { facts: ___, thumbName: ____, ...goneBase } = gone as ReturnType<typeof someRawSample>;
    await write(fine);
    await write({ ...goneBase, state: 'deleted' });
    await write({ ...base, state: 'rejected', rejection });
    const listed = await collect(store().listRange(datasetId, {}));
    const { bucket, key, eTag, sequencer, registeredAt } = fine;
    expect(listed[1]).toEqual({
      ...{
        fileName: 'fine',
        bucket,
        key,
        eTag,
        sequencer,
        registeredAt,
        state: 'registered',
        isArchived: false,
      },
      ...(fine.versionId !== undefined && { versionId: fine.versionId }),
    });
    expect(listed.map(({ state, isArchived }) => [state, isArchived])).toEqual([
      ['rejected', true],
      ['registered', false],
      ['deleted', false],
    ]);
  });
});
