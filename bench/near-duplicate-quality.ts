import { nearDuplicateLimits } from '#contracts/near-duplicates';
import {
  CLASSICAL_WEIGHTS,
  classicalEmbedding,
  classicalParts,
  joinParts,
} from '#imaging/classical-embedding';
import { perceptualHash } from '#imaging/perceptual-hash';
import { differentBits, hashBits } from '#selection/near-duplicates/hash-bits';
import { namedFolder } from './photo-files.ts';
import { COPIES, type DescribedPhoto, describePhotos } from './photos-with-copies.ts';

/*
 * How many planted copies of photos are found as near-duplicates, and how many pairs of different photos are taken for
 * such, at several limits: `node bench/near-duplicate-quality.ts <folder>`, a folder of photos in folders by kind.
 */

interface Description {
  readonly embedding: Float32Array;
  readonly hash: string;
}

const DISTANCES = [0.3, 0.35, 0.4, 0.45, 0.5];
const BITS = [8, 16, 24, 64];

const photos = await describePhotos<Description>(namedFolder(), (preview) => ({
  embedding: joinParts(classicalParts(preview), CLASSICAL_WEIGHTS),
  hash: perceptualHash(preview),
}));
const originals = photos.map(({ original }) => original);
console.log(`${photos.length} photos, ${classicalEmbedding.name}`);
console.log(['distance', 'bits', ...Object.keys(COPIES), 'pairs of different photos'].join('\t'));
for (const distance of DISTANCES) {
  for (const bits of BITS) printRow(distance, bits);
}
const { maxDistance, maxHashDistance } = nearDuplicateLimits({}, classicalEmbedding.name);
console.log('The limits of the model:');
printRow(maxDistance, maxHashDistance);

function printRow(distance: number, bits: number): void {
  const isNear = (a: Description, b: Description): boolean =>
    differentBits(hashBits([a.hash, b.hash]), 0, 1) <= bits && apart(a.embedding, b.embedding) <= distance;
  const found = Object.keys(COPIES).map((_, kind) => shareFound(photos, kind, isNear).toFixed(3));
  const pairs = originals.reduce(
    (sum, photo, at) => sum + originals.slice(0, at).filter((other) => isNear(photo, other)).length,
    0,
  );
  console.log([distance, bits, ...found, pairs].join('\t'));
}

function shareFound(
  described: readonly DescribedPhoto<Description>[],
  kind: number,
  isNear: (a: Description, b: Description) => boolean,
): number {
  const found = described.filter(({ original, copies }) => isNear(original, copies[kind] as Description));
  return found.length / described.length;
}

function apart(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += ((a[axis] as number) - (b[axis] as number)) ** 2;
  return Math.sqrt(sum);
}
