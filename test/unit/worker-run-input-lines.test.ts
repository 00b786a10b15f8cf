import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { NOTHING_GIVEN } from '#platform/given-facts/given-facts';
import { textLines } from '#platform/objects/text-lines';
import { runConfigOf } from '#platform/scheduling/run-config';
import { inputLines, parseInputLines } from '#worker/lines/run-input-lines';
import type { RunInput } from '#worker/run-input';
import { newId, someFacts, someRawSample, someSample } from '../support/documents.ts';

const datasetId = newId();

const anInput = (changes: Partial<RunInput> = {}): RunInput => ({
  run: { id: newId(), createdAt: 1_700_000_000_000, cutoff: 1_700_000_000_001 },
  dataset: { id: datasetId, name: 'birds', sampleCount: 1 },
  config: runConfigOf({ version: 'V4', document: JSON.stringify({ docker: { useDatapool: true } }) }),
  candidates: Array.from({ length: 450 }, (_, at) =>
    someRawSample({ datasetId, fileName: `folder/${at}\u2028 %20.jpg`, facts: someFacts(at) }),
  ),
  samples: [someSample(datasetId, 0)],
  given: NOTHING_GIVEN,
  embeddingModel: 'classical-v2',
  ...changes,
});

/** Through bytes, in pieces that end anywhere. */
async function travelled(input: RunInput): Promise<RunInput> {
  const bytes = Buffer.from([...inputLines(input)].join(''));
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += 10_007) yield bytes.subarray(from, from + 10_007);
  }
  return parseInputLines(textLines(pieces()));
}

describe('the input of a run', () => {
  test('comes out as it went in, to the last bit of its vectors', async () => {
    const input = anInput();
    expect(await travelled(input)).toEqual(input);
  });

  test('keeps what is written on objects, and where thumbnails are', async () => {
    const written = {
      ...{ thumbIn: 'LIGHTLY' as const, newAt: 1_700_000_000_500 },
      objectMetadata: { metadata: { site: 'north' }, tags: { rain: '3.5' } },
    };
    const candidate = { ...someRawSample({ datasetId, fileName: 'a.jpg' }), ...written };
    const { newAt: _, ...ofSample } = written;
    const input = anInput({
      candidates: [candidate],
      samples: [{ ...someSample(datasetId, 0), ...ofSample }],
    });
    expect(await travelled(input)).toEqual(input);
  });

  test('keeps what earlier runs have read', async () => {
    const read = Array.from({ length: 401 }, (_, at) => ({
      ...{ fileName: `${at}.jpg`, registeredAt: at, embeddingModel: 'classical-v2' },
      ...{ embedding: Float32Array.of(at, -0, 1e-40), perceptualHash: '0123456789abcdef' },
      ...(at % 2 === 0 && { group: { id: newId(), representative: 'a.jpg' } }),
    }));
    expect((await travelled(anInput({ read }))).read).toEqual(read);
  });

  test('keeps what users have given, whatever its names are', async () => {
    const box = {
      type: 'OBJECT_DETECTION',
      taskName: 'boxes',
      categoryId: 1,
      score: 0.5,
      bbox: [1, 2, 3, 4],
    };
    const given = {
      ...NOTHING_GIVEN,
      predictions: new Map([
        ['boxes', new Map(Array.from({ length: 401 }, (_, at) => [`${at}.jpg`, [box]]))],
        ['__proto__', new Map([['constructor', []]])],
        ['empty', new Map()],
      ]),
      scores: new Map([['boxes', new Map([['uncertainty', new Map([['0.jpg', 0.1 + 0.2]])]])]]),
      metadata: new Map([['0.jpg', { __proto__: null, weather: { wind: [1, null, true] }, at: 'value' }]]),
      embeddings: new Map([['0.jpg', Float32Array.of(1, -0, 1e-40, Number.MAX_VALUE)]]),
      queries: [{ datasetId, tagName: 'rare', vectors: [Float32Array.of(0.1), Float32Array.of(0.2)] }],
      warnings: ['one', 'two'],
    } as unknown as RunInput['given'];
    const back = await travelled(anInput({ given }));
    expect(JSON.stringify(back.given.metadata.get('0.jpg'))).toBe(
      JSON.stringify(given.metadata.get('0.jpg')),
    );
    expect({ ...back.given, metadata: 0 }).toEqual({ ...given, metadata: 0 });
  });

  test('has lines of bounded length', () => {
    const lengths = [...inputLines(anInput())].map(({ length }) => length);
    expect(Math.max(...lengths)).toBeLessThan(600_000);
  });

  test('of another version, or damaged, is refused', async () => {
    const lines = [...inputLines(anInput())];
    async function* of(texts: readonly string[]) {
      yield* texts;
    }
    await expect(parseInputLines(of(['{"version":2}', ...lines.slice(1)]))).rejects.toThrow(/version 2/);
    await expect(parseInputLines(of(lines.slice(0, 3)))).rejects.toThrow(InvalidInputError);
    await expect(parseInputLines(of([]))).rejects.toThrow(InvalidInputError);
    const damaged = lines.map((line) => line.replace('"state":"registered"', '"state":"odd"'));
    await expect(parseInputLines(of(damaged))).rejects.toThrow(/Candidates of run/);
  });
});
