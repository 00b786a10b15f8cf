import type { RunAnalysis } from '#contracts/report-v2';
import type { ObjectId } from '#contracts/schema';
import { projectVectors } from '#platform/embeddings/project-vectors';
import type { GivenFacts } from '#platform/given-facts/given-facts';
import { analyseRun } from '#report/analysis/analyse-run';
import type { AnalysedImage, Project } from '#report/analysis/analysed-image';
import type { SelectionImage } from '#selection/candidate';

/** What the selection chose, and what it chose from. */
export interface Choice {
  readonly images: readonly SelectionImage[];
  readonly preselected: readonly SelectionImage[];
  /** Positions in `images`, in order of choice. */
  readonly chosen: readonly number[];
}

/** What the report says of a choice. The same run says the same of it. */
export function analyseChoice(
  { images, preselected, chosen }: Choice,
  given: Pick<GivenFacts, 'tasks' | 'predictions'>,
  runId: ObjectId,
): RunAnalysis {
  const input = images.map((image) => asAnalysed(image, given));
  const selected = chosen.flatMap((index) => input[index] ?? []);
  const datapool = preselected.map((image) => asAnalysed(image, given));
  return analyseRun({ input, selected, datapool }, { seed: runId, project, tasks: given.tasks });
}

const project: Project = (vectors, method) => {
  if (vectors.length === 0) return [];
  const { dimension1, dimension2 } = projectVectors(vectors, method);
  return dimension1.map((x, at) => [x, dimension2[at] ?? 0]);
};

function asAnalysed(
  { fileName, embedding, metadata, scores, crops }: SelectionImage,
  { predictions }: Pick<GivenFacts, 'predictions'>,
): AnalysedImage {
  const { lightly, ...custom } = metadata;
  const found = [...predictions].flatMap(([task, byFile]) => {
    const singletons = byFile.get(fileName);
    return singletons ? [[task, singletons] as const] : [];
  });
  return {
    fileName,
    embedding,
    numbers: Object.fromEntries(Object.entries(lightly ?? {})),
    custom: Object.fromEntries(leaves(custom)),
    predictions: Object.fromEntries(found),
    ...(scores && { scores }),
    ...(crops && { crops }),
  };
}

/** Depth of records that keys are made of; what is deeper is not looked at. */
const DEEPEST = 5;

function* leaves(
  record: object,
  prefix = '',
  depth = 0,
): Generator<readonly [string, string | number | boolean]> {
  for (const [name, value] of Object.entries(record)) {
    const key = prefix + name;
    if (typeof value === 'string' || typeof value === 'boolean') yield [key, value];
    else if (typeof value === 'number' && Number.isFinite(value)) yield [key, value];
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < DEEPEST)
      yield* leaves(value, `${key}.`, depth + 1);
  }
}
