import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleAvailability } from '#aws/sample-availability';
import { sampleStore } from '#aws/sample-store';
import type { RawSample } from '#contracts/items';
import { availabilityOf } from '#platform/samples/sample-availability';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race, someRawSample, someSample } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const state = (
  sequencer: string,
  kind: 'registered' | 'deleted',
  registeredAt = 1_700_000_000_000,
  bucket = 'landing',
) =>
  availabilityOf({
    ...someRawSample({
      datasetId: newId(),
      fileName: 'image-0.jpg',
      bucket,
      key: 'image-0.jpg',
      sequencer: sequencer.padStart(32, '0'),
      registeredAt,
    }),
    state: kind,
  } as RawSample);

async function datasetOf(count: number) {
  const datasetId = newId();
  const samples = Array.from({ length: count }, (_, index) => someSample(datasetId, index));
  await sampleStore(server.table).put(samples);
  return { datasetId, samples, availability: sampleAvailability(server.table) };
}

describe('samples whose image is gone', () => {
  test('are counted and listed by index, and are samples as before', async () => {
    const { datasetId, samples, availability } = await datasetOf(12);
    for (const index of [10, 2, 7]) {
      expect(
        await availability.markAvailability(datasetId, samples[index]!.fileName, state('5', 'deleted')),
      ).toBe(true);
    }
    expect(await availability.countUnavailable(datasetId)).toBe(3);
    expect(await collect(availability.unavailableIndexes(datasetId))).toEqual([2, 7, 10]);
    expect(await collect(availability.listUnavailable(datasetId))).toEqual(
      [2, 7, 10].map((index) => ({ index, fileName: `image-${index}.jpg`, since: 1_700_000_000_000 })),
    );
    const all = await collect(sampleStore(server.table).range(datasetId, 0, 12));
    expect(all.map(({ availability: _, ...others }) => others)).toEqual(samples);
  });

  test('are none any more once the image is there again, whatever the order in which that is told', async () => {
    const { datasetId, availability } = await datasetOf(1);
    const states = [
      state('1', 'deleted'),
      state('2', 'registered'),
      state('3', 'deleted'),
      state('a', 'registered'),
    ];
    await race((racer) => availability.markAvailability(datasetId, 'image-0.jpg', states[racer % 4]!), 12);
    expect(await availability.countUnavailable(datasetId)).toBe(0);
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('9', 'deleted'))).toBe(false);
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('b', 'deleted'))).toBe(true);
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('b', 'deleted'))).toBe(false);
    expect(await availability.countUnavailable(datasetId)).toBe(1);
  });

  test('of the same sequencer, what was registered later holds', async () => {
    const { datasetId, availability } = await datasetOf(1);
    await availability.markAvailability(datasetId, 'image-0.jpg', state('', 'registered', 2_000));
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('', 'deleted', 1_999))).toBe(
      false,
    );
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('', 'deleted', 10_000))).toBe(
      true,
    );
  });

  test('of two places, what was registered later holds, whatever the sequencers', async () => {
    const { datasetId, availability } = await datasetOf(1);
    const mark = (...args: Parameters<typeof state>) =>
      availability.markAvailability(datasetId, 'image-0.jpg', state(...args));
    expect(await mark('f', 'deleted', 2_000, 'before')).toBe(true);
    expect(await mark('3', 'registered', 3_000, 'now')).toBe(true);
    expect(await availability.countUnavailable(datasetId)).toBe(0);
    expect(await mark('f', 'deleted', 2_000, 'before')).toBe(false);
    expect(await mark('2', 'deleted', 4_000, 'now')).toBe(false);
    expect(await availability.countUnavailable(datasetId)).toBe(0);
  });

  test('are found by the name that they have now; what is no sample is not marked', async () => {
    const { datasetId, availability } = await datasetOf(1);
    expect(await availability.markAvailability(datasetId, 'other.jpg', state('1', 'deleted'))).toBe(false);
    const store = sampleStore(server.table);
    await store.intendName({ datasetId, index: 0, fileName: 'image-0.jpg' }, 'renamed.jpg');
    await store.rename({ datasetId, index: 0 }, 'renamed.jpg', 1);
    expect(await availability.markAvailability(datasetId, 'image-0.jpg', state('2', 'deleted'))).toBe(false);
    expect(await availability.countUnavailable(datasetId)).toBe(0);
  });

  test('stay marked when a run refreshes what is known of them', async () => {
    const { datasetId, samples, availability } = await datasetOf(1);
    await availability.markAvailability(datasetId, 'image-0.jpg', state('1', 'deleted'));
    await sampleStore(server.table).refresh({ ...samples[0]!, eTag: 'e2' });
    expect(await availability.countUnavailable(datasetId)).toBe(1);
  });
});
