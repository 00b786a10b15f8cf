import { createHash, randomBytes } from 'node:crypto';
import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import type { ImageFacts } from '#contracts/image-facts';
import type { RawSample, RegisteredRawSample } from '#contracts/items';
import { paddedSequencer } from '#contracts/object-event';
import type { AnalysedSample } from '#contracts/samples';
import type { Tag } from '#contracts/tags';
import { sampleIdOf } from '#platform/samples/sample-id';

/** Valid documents for tests that store them; each takes what matters to the test. */

export const newId = (): string => randomBytes(12).toString('hex');

export const someFacts = (seed = 1): ImageFacts => ({
  format: 'jpeg',
  width: 640,
  height: 480,
  metadata: {
    mean: [0.1 + 0.2, 1 / 3, 0.5],
    std: [0.25, Math.SQRT1_2, 1e-9],
    sumOfValues: [92160.123456789, 102400.000000001, 153600],
    sumOfSquares: [1, 2, 3],
    snr: 2.345678901234567,
    sharpness: 17.25,
    sizeInBytes: 12345,
    shape: [480, 640, 3],
    luminance: 51.5,
    uniformRowRatio: 0,
  },
  exif: { captureTime: '2024-05-06T07:08:09', orientation: 6 },
  sha256: createHash('sha256').update(String(seed)).digest('hex'),
  perceptualHash: '0123456789abcdef',
  embeddingModel: BUILT_IN_MODEL,
  embedding: Float32Array.from({ length: 256 }, (_, index) => Math.sin(seed * 1000 + index) / 16),
});

export const someRawSample = (
  fields: Partial<RegisteredRawSample> & Pick<RegisteredRawSample, 'datasetId' | 'fileName'>,
): RegisteredRawSample => ({
  bucket: 'landing',
  key: `shop/${fields.fileName}`,
  sequencer: '1'.padStart(32, '0'),
  eTag: 'e1',
  size: 12345,
  lastModified: 1_700_000_000_000,
  registeredAt: 1_700_000_001_000,
  pending: true,
  state: 'registered',
  facts: someFacts(),
  thumbName: `.lightly/thumbnails/${fields.fileName}_thumb.webp`,
  ...fields,
});

/** The sequencer of the event with this number. */
export const sequencer = (order: number) => paddedSequencer(order.toString(16));

/** What ingest stores of one event: `eTag` is absent where the object was removed. */
export function stateAfter(
  { datasetId, fileName }: { datasetId: string; fileName: string },
  event: { order: number; eTag?: string | undefined },
): RawSample {
  const registered = someRawSample({
    datasetId,
    fileName,
    sequencer: sequencer(event.order),
    eTag: event.eTag ?? '',
    registeredAt: 1_700_000_000_000 + event.order,
  });
  if (event.eTag !== undefined) return registered;
  const { facts: _, thumbName: __, ...base } = registered;
  return { ...base, state: 'deleted', pending: false };
}

export const someSample = (datasetId: string, index: number): AnalysedSample => ({
  id: sampleIdOf(datasetId, index),
  datasetId,
  index,
  type: 'IMAGE',
  fileName: `image-${index}.jpg`,
  thumbName: `.lightly/thumbnails/image-${index}_thumb.webp`,
  bucket: 'landing',
  key: `shop/image-${index}.jpg`,
  eTag: 'e1',
  createdAt: 1_700_000_000_000,
  lastModifiedAt: 1_700_000_000_000,
  runId: newId(),
  selection: { step: index, reason: 'It is unlike what was chosen before it.' },
  facts: someFacts(index),
});

export const someTag = (datasetId: string, fields: Partial<Tag> = {}): Tag => ({
  id: newId(),
  datasetId,
  name: 'initial-tag',
  prevTagId: null,
  bitMaskData: '0x3',
  totSize: 2,
  creator: 'USER_PIP',
  changes: [],
  createdAt: 1_700_000_000_000,
  lastModifiedAt: 1_700_000_000_000,
  ...fields,
});

/** What fifty callers at once were told. */
export const race = <T>(attempt: (racer: number) => Promise<T>, racers = 50): Promise<T[]> =>
  Promise.all(Array.from({ length: racers }, (_, racer) => attempt(racer)));

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
