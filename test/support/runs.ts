import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Run, ScheduledRun } from '#contracts/items';
import { RUN_OUTCOMES, type RunPlanHeader } from '#contracts/run-plan';
import { analyseRun } from '#report/analysis/analyse-run';
import { newId } from './documents.ts';

/** A run of the built-in worker. */
export const aRun = <Fields extends Partial<Run>>(fields: Fields = {} as Fields) => ({
  id: newId(),
  userId: ADMINISTRATOR_ID,
  datasetId: newId(),
  scheduledId: newId(),
  configId: newId(),
  state: 'STARTED' as Run['state'],
  createdAt: 1_700_000_000_000,
  lastModifiedAt: 1_700_000_000_000,
  heartbeatAt: 1_700_000_000_000,
  attempts: 1,
  cutoff: 1_700_000_000_000,
  messages: [] as Run['messages'],
  ...fields,
});

/** An OPEN scheduled run of the pipeline. */
export function aScheduledRun(
  at: number,
  fields: Partial<ScheduledRun> & Pick<ScheduledRun, 'datasetId'>,
): ScheduledRun {
  const id = newId();
  return {
    ...{ id, userId: ADMINISTRATOR_ID, configId: id, priority: 'MID', runsOn: [], state: 'OPEN' },
    ...{ createdAt: at, lastModifiedAt: at },
    ...fields,
  };
}

export function aPlanHeader(
  run: Run & { readonly datasetId: string },
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
    regrouped: [],
    regroupedImages: [],
    analysis: analyseRun({ input: [], selected: [], datapool: [] }, { seed: run.id, project: () => [] }),
    uploadReport: true,
    configuration: [],
    thumbnails: [],
  };
}
