import type { RegisteredRawSample } from '#contracts/items';
import type { RunAnalysis } from '#contracts/report-v2';
import type { AnalysedSample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { type AnalysedImage, analyseRun } from '#platform/runs/run-analysis';
import { candidateMetadata, type PreselectedSample, type SelectionCandidate } from '#selection/select';

/** The candidates as the selection takes them, and the analysis of what it makes of them. */
export function analyseSelection(
  selectable: readonly RegisteredRawSample[],
  datapool: readonly AnalysedSample[],
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
    analyse: (chosen) => {
      const input = images.map(asAnalysed);
      const selected = chosen.flatMap((index) => input[index] ?? []);
      return analyseRun({ input, selected, datapool: preselected.map(asAnalysed) }, runId);
    },
  };
}

const asCandidate = ({ fileName, facts }: RegisteredRawSample | AnalysedSample): SelectionCandidate => ({
  fileName,
  embedding: facts.embedding,
  metadata: candidateMetadata(facts),
});

function asAnalysed({ fileName, embedding, metadata }: SelectionCandidate): AnalysedImage {
  const computed = Object.entries(metadata.lightly ?? {});
  return { fileName, embedding, numbers: Object.fromEntries(computed) };
}
