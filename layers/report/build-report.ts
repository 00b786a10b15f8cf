import type { Run } from '#contracts/items';
import { pathOf } from '#contracts/protocol/paths';
import type { ReportV2 } from '#contracts/report-v2';
import type { RunPlanHeader } from '#contracts/run-plan';

/** Prices of annotation are not known here, so no savings are claimed. */
const NO_CLAIM = { costSavings: 0, co2Savings: 0 };

/**
 * The report of a run. Everything in it is read from the run item and its plan, so a restarted run writes the same
 * bytes again.
 */
export function buildReport(run: Pick<Run, 'id' | 'createdAt' | 'messages'>, plan: RunPlanHeader): ReportV2 {
  const endTimestamp = run.messages.find(({ state }) => state === 'GENERATING_REPORT')?.at ?? plan.decidedAt;
  return {
    generalInformation: {
      workerInformation: { buildTime: '', buildVersion: plan.workerVersion },
      runInformation: {
        startTimestamp: run.createdAt,
        endTimestamp,
        totalProcessingTimeS: (endTimestamp - run.createdAt) / 1000,
        runId: run.id,
        runUrl: pathOf('get_docker_run_by_id', { runId: run.id }),
      },
      datasetInformation: {
        datasetSizes: datasetSizes(plan),
        datasetId: plan.datasetId,
        datasetUrl: pathOf('get_dataset_by_id', { datasetId: plan.datasetId }),
        datasetName: plan.datasetName,
      },
      annotationSavings: {
        imageClassification: NO_CLAIM,
        objectDetection: NO_CLAIM,
        semanticSegmentation: NO_CLAIM,
      },
      selectedAndRemovedImageExamples: plan.analysis.selectedAndRemovedImageExamples,
    },
    datasetAnalysis: plan.analysis.datasetAnalysis,
    predictionTaskInformation: plan.analysis.predictionTaskInformation,
  };
}

function datasetSizes({ counts, preselected }: RunPlanHeader) {
  const nSelected = counts.selected;
  const nDuplicate = counts.duplicate + counts['near-duplicate'];
  const nRemoved = counts['not-selected'] + counts.unsupported;
  return {
    // A refreshed sample is in the datapool, not in the input.
    nInput: counts.corrupt + nDuplicate + nRemoved + nSelected,
    nCorrupt: counts.corrupt,
    nDuplicate,
    nRemoved,
    nSelected,
    nPreselectedDatapool: preselected,
    nSelectedWithDatapool: preselected + nSelected,
  };
}
