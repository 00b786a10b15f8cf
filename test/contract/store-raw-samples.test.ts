import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rawSampleStore } from '#aws/raw-sample-store';
import { getItem } from '#aws/table';
import type { RawSample, RegisteredRawSample } from '#contracts/items';
import { rawSampleKey } from '#contracts/table-keys';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race, sequencer, someFacts, stateAfter } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const store = () => rawSampleStore(server.table);
const write = (state: RawSample) => store().write(state, { by: 'sequencer', sequencer: state.sequencer });
const newFile = () => ({ datasetId: newId(), fileName: 'a/b.jpg' });

describe('write', () => {
  test('keeps every number and the embedding to the last bit', async () => {
    const state = stateAfter(newFile(), { order: 1, eTag: 'e1' });
    expect(await write(state)).toBe('written');
    const stored = await store().get(state.datasetId, state.fileName);
    expect(stored).toEqual(state);
    expect(stored?.state === 'registered' && stored.facts.embedding).toEqual(someFacts().embedding);
    const item = await getItem(server.table, rawSampleKey(state.datasetId, state.fileName));
    expect((item!.facts as { embedding: unknown }).embedding).toEqual(
      new Uint8Array(someFacts().embedding.buffer),
    );
  });

  test('the same event once more changes nothing', async () => {
    const state = stateAfter(newFile(), { order: 5, eTag: 'e1' });
    await write(state);
    expect(await write({ ...state, registeredAt: state.registeredAt + 99 })).toBe('unchanged');
    expect(await store().get(state.datasetId, state.fileName)).toEqual(state);
  });

  test('an older event is history', async () => {
    const file = newFile();
    const newer = stateAfter(file, { order: 0x10, eTag: 'e2' });
    await write(newer);
    expect(await write(stateAfter(file, { order: 0xf, eTag: 'e1' }))).toBe('superseded');
    expect(await write(stateAfter(file, { order: 0xf }))).toBe('superseded');
    expect(await store().get(file.datasetId, file.fileName)).toEqual(newer);
  });

  test('an event of another place is newer than what is stored, whatever its number', async () => {
    const file = newFile();
    const [there, here] = [{ bucket: 'there' }, { bucket: 'here' }];
    await write({ ...stateAfter(file, { order: 0x10, eTag: 'e1' }), ...there });
    const arrived = { ...stateAfter(file, { order: 3, eTag: 'e1' }), ...here };
    expect(await write(arrived)).toBe('written');
    expect(await write(arrived)).toBe('unchanged');
    expect(await write({ ...stateAfter(file, { order: 2 }), ...here })).toBe('superseded');
    expect(await store().get(file.datasetId, file.fileName)).toEqual(arrived);
    // Removed there, then here: what comes next here is compared with the removal here.
    await write({ ...stateAfter(file, { order: 0x20 }), ...there });
    expect(await write({ ...stateAfter(file, { order: 5 }), ...here })).toBe('written');
    expect(await write({ ...stateAfter(file, { order: 4, eTag: 'e2' }), ...here })).toBe('superseded');
    expect(await write({ ...stateAfter(file, { order: 6, eTag: 'e2' }), ...here })).toBe('written');
  });

  test('a newer event of the same object moves the order only: no run reads it again', async () => {
    const file = newFile();
    const first = stateAfter(file, { order: 1, eTag: 'e1' });
    await write(first);
    await store().settle(first);
    expect(await write(stateAfter(file, { order: 3, eTag: 'e1' }))).toBe('unchanged');
    const expected = { ...first, pending: false, sequencer: sequencer(3) };
    expect(await store().get(file.datasetId, file.fileName)).toEqual(expected);
    expect(await write(stateAfter(file, { order: 2, eTag: 'e2' }))).toBe('superseded');
    expect(await store().countPending(file.datasetId, 10)).toBe(0);
  });

  test('another version of the same bytes is another object', async () => {
    const state = { ...stateAfter(newFile(), { order: 1, eTag: 'e1' }), versionId: 'v1' };
    await write(state);
    const second = { ...state, versionId: 'v2', sequencer: sequencer(2) };
    expect(await write(second)).toBe('written');
    expect(await store().get(state.datasetId, state.fileName)).toEqual(second);
  });

  test('a removal of a file never seen makes a late creation history', async () => {
    const file = newFile();
    expect(await write(stateAfter(file, { order: 2 }))).toBe('written');
    expect(await write(stateAfter(file, { order: 1, eTag: 'e1' }))).toBe('superseded');
    expect(await collect(store().list(file.datasetId))).toEqual([]);
    expect(await write(stateAfter(file, { order: 3, eTag: 'e1' }))).toBe('written');
    expect(await store().countPending(file.datasetId, 10)).toBe(1);
  });

  test('fifty racers with one event: one writes', async () => {
    const state = stateAfter(newFile(), { order: 1, eTag: 'e1' });
    const outcomes = await race(() => write(state));
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(49);
  });

  test('fifty racers with different events: the newest is what stays', async () => {
    const file = newFile();
    await race((racer) =>
      write(stateAfter(file, { order: racer + 1, eTag: racer % 5 === 4 ? undefined : `e${racer % 3}` })),
    );
    const stored = await store().get(file.datasetId, file.fileName);
    expect(stored).toMatchObject({ state: 'deleted', sequencer: sequencer(50) });
  });

  test('any order of events, with repetitions, ends in the state of the newest', async () => {
    const events = fc.array(fc.option(fc.constantFrom('e1', 'e2', 'e3'), { nil: undefined }), {
      minLength: 1,
      maxLength: 6,
    });
    const shuffled = events.chain((eTags) => {
      const numbered = eTags.map((eTag, index) => ({ order: (index + 1) * 7, eTag }));
      return fc
        .array(fc.constantFrom(...numbered), { maxLength: 6 })
        .chain((repeated) =>
          fc.shuffledSubarray([...numbered, ...repeated], { minLength: numbered.length + repeated.length }),
        );
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async (arrivals) => {
        const file = newFile();
        for (const event of arrivals) await write(stateAfter(file, event));
        const newest = arrivals.reduce((a, b) => (b.order > a.order ? b : a));
        const stored = await store().get(file.datasetId, file.fileName);
        const { state, sequencer: order, eTag } = stateAfter(file, newest);
        expect(stored).toMatchObject({ state, sequencer: order, ...(newest.eTag && { eTag }) });
        const pending = await collect(store().listPending(file.datasetId, 9_999_999_999_999));
        expect(pending).toEqual(stored?.state === 'deleted' ? [] : [stored]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('an object in an archive', () => {
  test('gives way to what was read of the very same object, and not the other way round', async () => {
    const read = stateAfter(newFile(), { order: 2, eTag: 'e1' });
    const { facts: _, thumbName: __, ...known } = read as RegisteredRawSample;
    const rejection = { code: 'ARCHIVED', reason: 'Restore it.' } as const;
    const archived: RawSample = { ...known, state: 'rejected', rejection, sequencer: sequencer(1) };
    await write(archived);
    expect(await write({ ...archived, sequencer: sequencer(2) })).toBe('unchanged');
    expect(await write({ ...read, sequencer: sequencer(3) })).toBe('written');
    expect(await write({ ...archived, sequencer: sequencer(4) })).toBe('unchanged');
    expect(await store().get(read.datasetId, read.fileName)).toEqual({ ...read, sequencer: sequencer(4) });
  });
});

describe('an observation of reconcile', () => {
  test('of an object that no event told of is stored once', async () => {
    const state = { ...stateAfter(newFile(), { order: 0, eTag: 'e1' }), sequencer: '' };
    expect(await store().write(state, { by: 'observation' })).toBe('written');
    expect(await store().write(state, { by: 'observation' })).toBe('unchanged');
    expect(await write(stateAfter(state, { order: 1, eTag: 'e2' }))).toBe('written');
    expect(await store().write(state, { by: 'observation' })).toBe('superseded');
  });

  test('that asks to look again replaces what tells the same, unless that was read since', async () => {
    const first = stateAfter(newFile(), { order: 1, eTag: 'e1' });
    await write(first);
    await store().settle(first);
    const seen = { sequencer: first.sequencer, eTag: 'e1' };
    const again = { by: 'observation', seen, again: true, since: first.registeredAt } as const;
    const readAgain = { ...first, registeredAt: first.registeredAt + 1 };
    expect(await store().write(readAgain, { by: 'observation', seen })).toBe('unchanged');
    expect(await store().write(readAgain, again)).toBe('written');
    expect(await store().get(first.datasetId, first.fileName)).toEqual(readAgain);
    const late = { ...readAgain, registeredAt: first.registeredAt + 2 };
    expect(await store().write(late, again)).toBe('unchanged');
    expect(await store().get(first.datasetId, first.fileName)).toEqual(readAgain);
    await write(stateAfter(first, { order: 2, eTag: 'e2' }));
    expect(await store().write(late, { ...again, since: late.registeredAt })).toBe('superseded');
  });

  test('that asks to look again: of fifty racers one writes', async () => {
    const first = stateAfter(newFile(), { order: 1, eTag: 'e1' });
    await write(first);
    const seen = { sequencer: first.sequencer, eTag: 'e1' };
    const again = { by: 'observation', seen, again: true, since: first.registeredAt } as const;
    const outcomes = await race((racer) =>
      store().write({ ...first, registeredAt: first.registeredAt + 1 + racer }, again),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'unchanged')).toHaveLength(49);
  });

  test('holds only while what it saw is stored', async () => {
    const file = newFile();
    const first = stateAfter(file, { order: 1, eTag: 'e1' });
    await write(first);
    const seen = { sequencer: first.sequencer, eTag: 'e1' };
    const gone = { ...stateAfter(file, { order: 1 }), eTag: 'e1' };
    expect(await store().write(gone, { by: 'observation', seen })).toBe('written');
    expect(await store().write(gone, { by: 'observation', seen })).toBe('unchanged');
    await write(stateAfter(file, { order: 2, eTag: 'e2' }));
    expect(await store().write(gone, { by: 'observation', seen })).toBe('superseded');
    expect((await store().get(file.datasetId, file.fileName))?.state).toBe('registered');
  });
});
