import type { RunPlan } from '#platform/runs/run-plan-lines';
import { reportFiles } from '#report/report-files';
import { embeddingsFile, fileNameLists, selectionFile } from '#report/selection-files';
import { sequenceFile } from '#report/sequence-file';
import { checkpointFile, corruptnessFile, logFile, memoryFile } from '#report/text-artifacts';
import { type Attempt, enterState } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';
import { putArtifact } from './put-artifact.ts';
import { readThumbnails } from './read-thumbnails.ts';

/** Writes what the run leaves behind for people and tools, and completes it. */
export async function writeArtifacts(attempt: Attempt, plan: RunPlan, deps: RunDeps): Promise<void> {
  const { header, decisions } = plan;
  const createdAt = header.decidedAt;
  if (header.uploadReport) await writeReports(attempt, plan, deps);
  await enterState(attempt, 'UPLOADING_ARTIFACTS', 'Uploading artifacts.', deps);
  const files = [
    corruptnessFile(decisions),
    selectionFile(decisions),
    embeddingsFile(decisions),
    ...fileNameLists(decisions),
    ...(header.checkpoint === undefined ? [] : [checkpointFile(header.checkpoint)]),
    ...(header.sequenceLength === undefined ? [] : [sequenceFile(decisions, header.sequenceLength)]),
    memoryFile(header.memory),
    logFile(attempt.run, 'UPLOADING_ARTIFACTS'),
  ];
  for (const file of files) await putArtifact(attempt.run, file, createdAt, deps);
  const names = files.map(({ fileName }) => fileName).join(', ');
  await enterState(attempt, 'UPLOADED_ARTIFACTS', `Uploaded ${names}.`, deps);
  await enterState(attempt, 'COMPLETED', outcomeOf(attempt.run, header), deps);
}

function outcomeOf({ tagName }: Attempt['run'], { counts, leavesDatapool }: RunPlan['header']): string {
  if (Object.values(counts).every((count) => count === 0))
    return 'Nothing was selected: no image waited for a run.';
  if (counts.selected === 0) return 'Nothing was selected, so there is no tag and nothing to export.';
  if (leavesDatapool) {
    return `${counts.selected} images were chosen: see selection.csv. The dataset was to stay as it is, so there is no tag.`;
  }
  return `${counts.selected} samples are in tag '${tagName}'.`;
}

async function writeReports(attempt: Attempt, { header, decisions }: RunPlan, deps: RunDeps): Promise<void> {
  await enterState(attempt, 'GENERATING_REPORT', 'Writing the reports.', deps);
  const thumbnails = await readThumbnails(attempt.dataset, header, deps);
  const reports = await reportFiles(attempt.run, header, decisions, thumbnails);
  const names = reports.map(({ fileName }) => fileName).join(', ');
  await enterState(attempt, 'UPLOADING_REPORT', `Uploading ${names}.`, deps);
  for (const report of reports) await putArtifact(attempt.run, report, header.decidedAt, deps);
  await enterState(attempt, 'UPLOADED_REPORT', `Uploaded ${names}.`, deps);
}
