import type { RegisteredRawSample } from '#contracts/items';
import type { RunAnalysis } from '#contracts/report-v2';
import type { AnalysedSample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import type { PreselectedSample, SelectionCandidate } from '#selection/select';
import { analyseChoice } from './analyse-choice.ts';
import { type ScoresByTask, selectionImages } from './selection-images.ts';

/** The candidates as the selection takes them, and the analysis of what it makes of them. */
export function analyseSelection(
  {
    selectable,
    datapool,
    given,
    scores,
  }: {
    readonly selectable: readonly RegisteredRawSample[];
    readonly datapool: readonly AnalysedSample[];
    readonly given: GivenFacts;
    readonly scores: ScoresByTask;
  },
  runId: ObjectId,
): {
  images: SelectionCandidate[];
  preselected: PreselectedSample[];
  analyse: (chosen: readonly number[]) => RunAnalysis;
} {
  const images = selectionImages(selectable, given, scores);
  const preselected = selectionImages(datapool, given, scores);
  return {
    images,
    preselected,
    analyse: (chosen) => analyseChoice({ images, preselected, chosen }, given, runId),
  };
}
