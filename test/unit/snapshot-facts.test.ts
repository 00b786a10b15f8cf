import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import type { RegisteredRawSample, RejectedRawSample } from '#contracts/items';
import { factBlocks, readFactBlocks } from '#platform/snapshots/fact-blocks';
import { inOneMatrix } from '#platform/snapshots/one-matrix';
import { newId, someFacts, someRawSample } from '../support/documents.ts';

const datasetId = newId();
const image = (at: number): RegisteredRawSample =>
  someRawSample({
    datasetId,
    fileName: `${String(at).padStart(6, '0')}.jpg`,
    facts: someFacts(at),
    pending: false,
  });
const refused = (fileName: string): RejectedRawSample => {
  const { facts: _, thumbName: __, ...base } = someRawSample({ datasetId, fileName, pending: false });
  return { ...base, state: 'rejected', rejection: { code: 'CORRUPT', reason: 'no end' } };
};

/** Through bytes, in pieces that end anywhere. */
const travelled = (bytes: Buffer, piece = 65_537) => {
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += piece) yield bytes.subarray(from, from + piece);
  }
  return readFactBlocks(datasetId, pieces());
};

describe('the facts of images in one object', () => {
  test('come out as they went in, in any pieces, more than one part of them too', async () => {
    const { exif: _, ...facts } = someFacts(3);
    const bare = {
      ...image(3),
      versionId: 'v',
      newAt: 1_700_000_000_500,
      thumbIn: 'LIGHTLY' as const,
      objectMetadata: { metadata: { site: 'ü' }, tags: { constructor: '', rain: '3.5' } },
      facts: { ...facts, exif: {}, embedding: Float32Array.of(-0, 1e-45) },
    };
    const rows = [image(1), refused('000002.jpg'), bare];
    const blocks = { rows, removed: ['gone.jpg'] };
    const bytes = Buffer.concat([...factBlocks(datasetId, blocks)]);
    for (const piece of [1, 7, bytes.length]) expect(await travelled(bytes, piece)).toEqual(blocks);
    const many = Array.from({ length: 10_001 }, (__, at) => image(at));
    const back = await travelled(Buffer.concat([...factBlocks(datasetId, { rows: many, removed: [] })]));
    expect(back.rows).toHaveLength(many.length);
    expect(back.rows.at(-1)).toEqual(many.at(-1));
    const views = back.rows.map((row) => (row as RegisteredRawSample).facts.embedding);
    expect(new Set(views.map(({ buffer }) => buffer)).size).toBe(1);
    expect(views[10_000]?.byteOffset).toBe(10_000 * 256 * 4);
  });

  test('are refused where bytes in them are not what was written, or are read for what they say', async () => {
    const bytes = Buffer.concat([...factBlocks(datasetId, { rows: [image(1), image(2)], removed: [] })]);
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 13) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
      await travelled(damaged).catch((error: unknown) => {
        expect(error).toBeInstanceOf(InvalidInputError);
        refused += 1;
      });
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('are refused where they are cut short, of another dataset or of another version', async () => {
    const bytes = Buffer.concat([...factBlocks(datasetId, { rows: [image(1), image(2)], removed: [] })]);
    for (const length of [0, 5, 200, bytes.length - 1]) {
      await expect(travelled(bytes.subarray(0, length))).rejects.toThrow(InvalidInputError);
    }
    const foreign = Buffer.concat([...factBlocks(newId(), { rows: [], removed: [] })]);
    await expect(travelled(foreign)).rejects.toThrow(InvalidInputError);
    const later = Buffer.from(bytes.toString('latin1').replace('"version":1', '"version":2'), 'latin1');
    await expect(travelled(later)).rejects.toThrow(InvalidInputError);
  });
});

test('embeddings are put one after the other by file name, and copied only where they are not', () => {
  const rows = [image(3), image(1), refused('000002.jpg')];
  const packed = inOneMatrix(rows);
  expect(packed.map(({ fileName }) => fileName)).toEqual(['000001.jpg', '000002.jpg', '000003.jpg']);
  expect(packed).toEqual([image(1), refused('000002.jpg'), image(3)]);
  const [first, , third] = packed as RegisteredRawSample[];
  expect(third?.facts.embedding.byteOffset).toBe(256 * 4);
  expect(inOneMatrix(packed)[0]).toBe(first);
});
