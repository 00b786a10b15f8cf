import type { RegisteredRawSample } from '#contracts/items';
import type { RunAnalysis } from '#contracts/report-v2';
import type { AnalysedSample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { candidateMetadata, type PreselectedSample, type SelectionCandidate } from '#selection/select';
import { analyseChoice } from './analyse-choice.ts';

/** The candidates as the selection takes them, and the analysis of what it makes of them. */
export function analyseSelection(
  selectable: readonly RegisteredRawSample[],
  datapool: readonly AnalysedSample[],
  given: GivenFacts,
  runId: ObjectId,
): {
  images: SelectionCandidate[];
  preselected: PreselectedSample[];
  analyse: (chosen: readonly number[]) => RunAnalysis;
} {
  const images = selectable.map(asCandidate);
  const preselected = datapool.map(asCandidate);
  return {
    images,
    preselected,
    analyse: (chosen) => analyseChoice({ images, preselected, chosen }, given, runId),
  };
}

const asCandidate = ({ fileName, facts }: RegisteredRawSample | AnalysedSample): SelectionCandidate => ({
  fileName,
  embedding: facts.embedding,
  metadata: candidateMetadata(facts),
});
