import { CSV_CONTENT_TYPE, CSV_END_OF_LINE, csvCell } from '#contracts/csv';
import type { Artifact, Run } from '#contracts/items';
import type { MemoryReading, RunDecision, RunPlanHeader } from '#contracts/run-plan';
import { RUN_STATES, type RunState } from '#contracts/run-states';
import { buildReport } from './build-report.ts';

/** A file that a run leaves behind. */
export interface ArtifactFile {
  readonly type: Artifact['type'];
  readonly fileName: string;
  readonly contentType: string;
  readonly text: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TEXT = 'application/json';

/** The protocol's `report_v2.json`. */
export const reportFile = (run: Run, plan: RunPlanHeader): ArtifactFile => ({
  type: 'REPORT_V2_JSON',
  fileName: 'report_v2.json',
  contentType: JSON_TEXT,
  text: `${JSON.stringify(buildReport(run, plan))}\n`,
});

/**
 * The messages of a run up to and including `until`: not all there are, for the file must not differ when a
 * restarted run, which has got further, writes it again.
 */
export function logFile(run: Run, until: RunState): ArtifactFile {
  const last = RUN_STATES.indexOf(until);
  const lines = run.messages
    .filter(({ state }) => RUN_STATES.indexOf(state) <= last)
    .map(({ at, state, message }) => `${new Date(at).toISOString()} ${state} ${message}\n`);
  return { type: 'LOG', fileName: 'log.txt', contentType: TEXT, text: lines.join('') };
}

/** Memory of the worker at each step up to the decision. */
export function memoryFile(readings: readonly MemoryReading[]): ArtifactFile {
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  const lines = readings.map(
    ({ at, state, resident, heap }) =>
      `${new Date(at).toISOString()} ${state} resident=${mebibytes(resident)}MiB heap=${mebibytes(heap)}MiB\n`,
  );
  return { type: 'MEMLOG', fileName: 'memlog.txt', contentType: TEXT, text: lines.join('') };
}

/** Which files are corrupt and why. Unsupported ones are no images and are only in `selection.csv`. */
export function corruptnessFile(
  decisions: readonly Pick<RunDecision, 'fileName' | 'outcome' | 'reason'>[],
): ArtifactFile {
  const corrupt = decisions.filter(({ outcome }) => outcome === 'corrupt');
  const content = {
    corrupt_samples: Object.fromEntries(corrupt.map(({ fileName, reason }) => [fileName, reason])),
    corrupt_videos: {},
  };
  return {
    type: 'CORRUPTNESS_CHECK_INFORMATION',
    fileName: 'corruptness_check_information.json',
    contentType: JSON_TEXT,
    text: `${JSON.stringify(content, null, 2)}\n`,
  };
}

/** What became of every candidate, and why. */
export function selectionFile(decisions: readonly RunDecision[]): ArtifactFile {
  const rows = decisions.map(({ fileName, outcome, reason, step, distance }) =>
    [fileName, outcome, reason, step, distance].map(csvCell).join(','),
  );
  return {
    type: 'SELECTION_CSV',
    fileName: 'selection.csv',
    contentType: CSV_CONTENT_TYPE,
    text: ['fileName,state,reason,step,distance', ...rows, ''].join(CSV_END_OF_LINE),
  };
}
