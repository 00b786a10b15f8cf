import type { Progress } from '../progress.ts';
import { RELATIVE_SLACK, squaredDistanceUpTo } from '../vectors/distance.ts';
import type { ComparedImage, NearDuplicateLimits } from './compared-image.ts';
import { differentBits, hashBits } from './hash-bits.ts';

/** Known images that are too few for an index to be worth while. */
const FEW_KNOWN = 3_000;
/**
 * Fresh images up to which each is compared with each. What an index does for each known image takes 64 products of vectors
 * and some hundred looks at pivots. Few hashes of different images are alike, and comparing them takes some ten operations.
 */
const FEW_FRESH = 64;
const FEW_FRESH_OF_LIKE_HASHES = 1_000;
/** Hashes of different images differ in 32 bits on average, and by 4 more or less. */
const TELLING_HASH_DISTANCE = 24;
const OPERATIONS_PER_HASH = 10;

/**
 * Those of many known images that are within the limits of any fresh one, and perhaps a few that hardly aren't: nothing can
 * join the others. All of them where there are too many fresh ones to compare each with each.
 */
export async function nearAny<Known extends ComparedImage>(
  known: readonly Known[],
  fresh: readonly ComparedImage[],
  { maxDistance, maxHashDistance }: NearDuplicateLimits,
  progress: Progress,
): Promise<readonly Known[]> {
  const isTelling = maxHashDistance <= TELLING_HASH_DISTANCE;
  if (known.length <= FEW_KNOWN || fresh.length > (isTelling ? FEW_FRESH_OF_LIKE_HASHES : FEW_FRESH)) {
    return known;
  }
  const hashes = hashBits([...fresh, ...known].map(({ perceptualHash }) => perceptualHash));
  const limit = (maxDistance * RELATIVE_SLACK) ** 2;
  const near: Known[] = [];
  for (const [at, image] of known.entries()) {
    const { length } = image.embedding;
    let compared = 0;
    const isNear = fresh.some(({ embedding }, position) => {
      if (differentBits(hashes, position, fresh.length + at) > maxHashDistance) return false;
      compared++;
      return squaredDistanceUpTo(limit, embedding, 0, image.embedding, 0, length) <= limit;
    });
    if (isNear) near.push(image);
    const work = fresh.length * OPERATIONS_PER_HASH + compared * length;
    if (progress.spend(work)) await progress.pause();
  }
  return near;
}
