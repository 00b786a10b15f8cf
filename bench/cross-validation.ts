import { shareOf } from './neighbour-quality.ts';

/** For each candidate setting, whether each photo was a hit. */
export type HitsBySetting = readonly (readonly boolean[])[];

/**
 * Chooses the setting on some of the photos and counts hits on the others, so that no photo is judged by a setting that
 * was chosen on it. Every photo is tested once for each split into groups.
 *
 * @param groupOf number of the group of each photo, for each split
 * @returns share of hits for each split
 */
export function heldOutShares(hits: HitsBySetting, groupOf: readonly (readonly number[])[]): number[] {
  return groupOf.map((groups) => {
    const tested = [...new Set(groups)].flatMap((group) => {
      const isInside = (photo: number): boolean => groups[photo] === group;
      const chosen = bestOf(hits, (photo) => !isInside(photo));
      return chosen.filter((_, photo) => isInside(photo));
    });
    return shareOf(tested);
  });
}

function bestOf(hits: HitsBySetting, isUsed: (photo: number) => boolean): readonly boolean[] {
  const shares = hits.map((own) => shareOf(own.filter((_, photo) => isUsed(photo))));
  return hits[shares.indexOf(Math.max(...shares))] as readonly boolean[];
}

/** 95 % of the shares that drawing as many photos again, with repetition, gives. */
export function bootstrapInterval(hits: readonly boolean[], random: () => number): [number, number] {
  const shares = Array.from({ length: 2_000 }, () =>
    shareOf(hits.map(() => hits[Math.floor(random() * hits.length)] as boolean)),
  ).sort((a, b) => a - b);
  return [shares[50] as number, shares[1_949] as number];
}
