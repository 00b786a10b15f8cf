import type { RegroupedImage } from '#contracts/run-plan';
import type { RunPlan } from './run-plan-lines.ts';

/** Groups of near-duplicates that a plan has found of images that are no samples, by file name. */
export function imageGroups({ header, decisions }: RunPlan): Map<string, RegroupedImage> {
  const groups = new Map(header.regroupedImages.map((image) => [image.fileName, image]));
  for (const { fileName, registeredAt, outcome, group } of decisions) {
    const isLeftOut = outcome === 'not-selected' || outcome === 'near-duplicate';
    if (group && isLeftOut) groups.set(fileName, { fileName, registeredAt, group });
  }
  return groups;
}
