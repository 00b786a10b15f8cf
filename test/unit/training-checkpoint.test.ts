import { describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { type Checkpoint, checkpointText, parseCheckpoint } from '#worker/training/checkpoint';

const checkpoint: Checkpoint = {
  embeddingModel: 'classical-v2',
  head: {
    ...{ inputDimension: 3, outputDimension: 2 },
    centre: Float32Array.of(0.1, -2, 1e-30),
    weights: Float32Array.of(1, 2, 3, 4, 5, 1 / 3),
  },
  fit: { images: 100, epochs: 7, losses: [2.5, 1.25] },
};

describe('a checkpoint', () => {
  test('survives being written and read', () => {
    expect(parseCheckpoint(checkpointText(checkpoint))).toEqual(checkpoint);
  });

  const changed = (fields: object): string =>
    JSON.stringify({ ...(JSON.parse(checkpointText(checkpoint)) as object), ...fields });
  const notFinite = Buffer.from(Float32Array.of(1, 2, Number.NaN).buffer).toString('base64');
  test.each([
    ['what is no JSON', 'PK\u0003\u0004', /checkpoint/],
    ['another version', changed({ version: 2 }), /version/],
    ['another format', changed({ format: 'lightning' }), /format/],
    ['fewer weights than its dimensions say', changed({ outputDimension: 3 }), /weights has 24 bytes.*36/],
    ['a number that is not finite', changed({ centre: notFinite }), /centre.*finite/],
    ['dimensions that no memory holds', changed({ inputDimension: 1e12 }), /inputDimension/],
  ])('is refused for %s', (_, text, message) => {
    expect(() => parseCheckpoint(text)).toThrow(InvalidInputError);
    expect(() => parseCheckpoint(text)).toThrow(message);
  });
});
