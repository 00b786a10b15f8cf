import { createHash } from 'node:crypto';
import type { Sample } from '#contracts/samples';
import { SPLIT_SIDES, type SplitSettings, type SplitSide } from '#contracts/settings';

/**
 * Which side of the split a sample is on. It follows from the seed and from the file name of the representative of its
 * group; of a sample in no group, from its own. So all members of a group are on one side, and a sample that was alone
 * stays where it was when others join it, because then it is the representative.
 */
export function splitSide(
  { fileName, group }: Pick<Sample, 'fileName' | 'group'>,
  { seed, ...shares }: SplitSettings,
): SplitSide {
  const at = shareOf(seed, group?.representative ?? fileName);
  let end = 0;
  for (const side of SPLIT_SIDES) {
    end += shares[side];
    if (at < end) return side;
  }
  // The shares may miss 1 by a rounding error.
  return SPLIT_SIDES.findLast((side) => shares[side] > 0) ?? 'train';
}

/** 48 bits of SHA-256 of seed and name, as a number from 0 to below 1. */
function shareOf(seed: number, name: string): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, name]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
