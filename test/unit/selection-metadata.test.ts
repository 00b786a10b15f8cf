import { expect, test } from '@jest/globals';
import { candidateMetadata } from '#selection/select';
import { factsOf } from '../support/image-facts.ts';

test('computed facts are found under lightly', () => {
  const facts = factsOf({ width: 640, height: 480 });
  facts.metadata.mean = [0.1, 0.2, 0.3];
  facts.metadata.std = [0.2, 0.1, 0.3];
  expect(candidateMetadata(facts)).toEqual({
    lightly: {
      sharpness: facts.metadata.sharpness,
      snr: facts.metadata.snr,
      sizeInBytes: facts.metadata.sizeInBytes,
      width: 640,
      height: 480,
      meanRed: 0.1,
      meanGreen: 0.2,
      meanBlue: 0.3,
      contrast: expect.closeTo(0.299 * 0.2 + 0.587 * 0.1 + 0.114 * 0.3, 12),
      luminance: facts.metadata.luminance,
      uniformRowRatio: facts.metadata.uniformRowRatio,
    },
  });
});
