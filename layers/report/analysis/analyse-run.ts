import type { PredictionTaskSchema } from '#contracts/predictions';
import type { RunAnalysis } from '#contracts/report-v2';
import type { AnalysedSets, Project } from './analysed-image.ts';
import { analyseEmbeddings } from './embedding-analysis.ts';
import { withRandomBaseline } from './image-sets.ts';
import { analyseMetadata } from './metadata-analysis.ts';
import { analysePredictions } from './prediction-analysis.ts';
import { removedNextToSelected } from './removed-pairs.ts';

export interface AnalysisOptions {
  /** Names the draw of the random baseline: the same seed draws the same images. */
  readonly seed: string;
  readonly project: Project;
  /** Prediction tasks of the images. @default none */
  readonly tasks?: readonly PredictionTaskSchema[];
}

/** What the selection is like beside its input and beside as many images drawn at random. */
export function analyseRun(
  analysed: AnalysedSets,
  { seed, project, tasks = [] }: AnalysisOptions,
): RunAnalysis {
  const sets = withRandomBaseline(analysed, seed);
  return {
    datasetAnalysis: {
      embeddingInformation: analyseEmbeddings(sets, project),
      metadataInformation: analyseMetadata(sets),
    },
    predictionTaskInformation: analysePredictions(sets, tasks, project),
    selectedAndRemovedImageExamples: removedNextToSelected(sets.input, sets.selected),
  };
}
