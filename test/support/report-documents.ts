import type { RunDecision, RunPlanHeader } from '#contracts/run-plan';
import { RUN_STATES } from '#contracts/run-states';
import { analyseRun } from '#report/analysis/analyse-run';
import type { AnalysedImage, Project } from '#report/analysis/analysed-image';
import { aPlanHeader, aRun } from './runs.ts';

/** The first two numbers of a vector. */
const firstTwo: Project = (vectors) => vectors.map(([x = 0, y = 0]) => [x, y]);

/** Images on an arc, each with metadata, objects and a score. */
export const anImage = (
  at: number,
  fileName = `image-${String(at).padStart(3, '0')}.jpg`,
): AnalysedImage => ({
  fileName,
  embedding: Float32Array.from([Math.cos(at / 20), Math.sin(at / 20)]),
  numbers: { sharpness: at, width: 640 },
  custom: { 'shop.camera': at % 3 === 0 ? 'left' : 'right', 'shop.price': at },
  predictions: {
    objects: Array.from({ length: at % 3 }, (_, nth) => ({
      type: 'OBJECT_DETECTION' as const,
      taskName: 'objects',
      categoryId: nth,
      score: 0.5,
      bbox: [0, 0, 10, 10],
    })),
  },
  scores: { objects: { uncertainty_entropy: (at % 10) / 10 } },
  crops: { objects: [Float32Array.from([at, 0])] },
});

const OBJECTS = {
  name: 'objects',
  type: 'OBJECT_DETECTION' as const,
  categories: [
    { id: 0, name: 'cat' },
    { id: 1, name: 'dog' },
  ],
};

export const analysed = (
  input: readonly AnalysedImage[],
  selected: readonly AnalysedImage[],
  task: Partial<typeof OBJECTS> = {},
) =>
  analyseRun(
    { input, selected, datapool: [] },
    { seed: 'a-run', project: firstTwo, tasks: [{ ...OBJECTS, ...task }] },
  );

/** A run that took a second for each of its states, with a plan. */
export function aReportedRun(decisions: readonly RunDecision[], fields: Partial<RunPlanHeader> = {}) {
  const states = RUN_STATES.slice(0, RUN_STATES.indexOf('GENERATING_REPORT') + 1);
  const run = aRun({
    id: 'a'.repeat(24),
    messages: states.map((state, at) => ({ state, at: 1_700_000_000_000 + at * 1000, message: '' })),
  });
  const counts: Partial<RunPlanHeader['counts']> = {};
  for (const { outcome } of decisions) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return { run, header: { ...aPlanHeader(run, counts), ...fields }, decisions };
}

/** What became of images of which every `nth` was selected. */
export const decided = (input: readonly AnalysedImage[], nth: number): RunDecision[] =>
  input.map(({ fileName }, at): RunDecision => {
    const base = { fileName, registeredAt: 1, reason: 'Because.' };
    return at % nth === 0
      ? { ...base, outcome: 'selected', step: at / nth, distance: 0.5 }
      : { ...base, outcome: 'not-selected' };
  });
