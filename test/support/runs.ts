import type { Run } from '#contracts/items';
import { RUN_OUTCOMES, type RunPlanHeader } from '#contracts/run-plan';
import { analyseRun } from '#platform/runs/run-analysis';
import { newId } from './documents.ts';

export const aRun = (fields: Partial<Run> = {}): Run => ({
  id: newId(),
  datasetId: newId(),
  scheduledId: newId(),
  configId: newId(),
  state: 'STARTED',
  createdAt: 1_700_000_000_000,
  lastModifiedAt: 1_700_000_000_000,
  heartbeatAt: 1_700_000_000_000,
  attempts: 1,
  cutoff: 1_700_000_000_000,
  messages: [],
  ...fields,
});

export function aPlanHeader(
  run: Run,
  {
    firstIndex = 0,
    decidedAt = run.createdAt + 500,
    ...counts
  }: { firstIndex?: number; decidedAt?: number } & Partial<RunPlanHeader['counts']> = {},
): RunPlanHeader {
  const none = Object.fromEntries(RUN_OUTCOMES.map((outcome) => [outcome, 0])) as RunPlanHeader['counts'];
  return {
    version: 1,
    runId: run.id,
    datasetId: run.datasetId,
    datasetName: 'shop',
    decidedAt,
    workerVersion: 'test',
    firstIndex,
    processedUntil: run.cutoff,
    preselected: firstIndex,
    counts: { ...none, ...counts },
    memory: [],
    analysis: analyseRun({ input: [], selected: [], datapool: [] }, run.id),
  };
}
