import type { RunAnalysis } from '#contracts/report-v2';
import type { AnalysedImage } from './analysed-image.ts';
import { MOST_ASKING } from './embedding-analysis.ts';
import { nearestAmong } from './embedding-distances.ts';
import { spread } from './image-sets.ts';

const MOST_PAIRS = 12;
/** So that one crowd of look-alikes does not fill the page. */
const MOST_PAIRS_OF_ONE = 2;

/** Images that were left out because a selected one is nearly the same: the clearest cases first. */
export function removedNextToSelected(
  input: readonly AnalysedImage[],
  selected: readonly AnalysedImage[],
): RunAnalysis['selectedAndRemovedImageExamples'] {
  const chosen = new Set(selected);
  const cover = spread(selected, MOST_ASKING);
  const nearest = nearestAmong(cover.map(({ embedding }) => embedding));
  const removed = input.filter((image) => !chosen.has(image));
  const pairs = spread(removed, MOST_ASKING)
    .flatMap(({ fileName, embedding }) => {
      const { index, distance } = nearest(embedding);
      const selectedImage = cover[index]?.fileName;
      return selectedImage === undefined ? [] : [{ selectedImage, removedImage: fileName, distance }];
    })
    .sort((a, b) => a.distance - b.distance);
  const shown = new Map<string, number>();
  return pairs
    .filter(({ selectedImage }) => {
      const before = shown.get(selectedImage) ?? 0;
      shown.set(selectedImage, before + 1);
      return before < MOST_PAIRS_OF_ONE;
    })
    .slice(0, MOST_PAIRS);
}
