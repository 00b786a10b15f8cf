import type { Run } from '#contracts/items';
import type { MemoryReading, RunDecision } from '#contracts/run-plan';
import { RUN_STATES, type RunState } from '#contracts/run-states';
import { type ArtifactFile, JSON_CONTENT_TYPE, TEXT_CONTENT_TYPE } from './artifact-file.ts';

/**
 * The messages of a run up to and including `until`: not all there are, for the file must not differ when a
 * restarted run, which has got further, writes it again.
 */
export function logFile(run: Run, until: RunState): ArtifactFile {
  const last = RUN_STATES.indexOf(until);
  const lines = run.messages
    .filter(({ state }) => RUN_STATES.indexOf(state) <= last)
    .map(({ at, state, message }) => `${new Date(at).toISOString()} ${state} ${message}\n`);
  return { type: 'LOG', fileName: 'log.txt', contentType: TEXT_CONTENT_TYPE, content: lines.join('') };
}

/** Memory of the worker at each step up to the decision. */
export function memoryFile(readings: readonly MemoryReading[]): ArtifactFile {
  const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  const lines = readings.map(
    ({ at, state, resident, heap }) =>
      `${new Date(at).toISOString()} ${state} resident=${mebibytes(resident)}MiB heap=${mebibytes(heap)}MiB\n`,
  );
  return { type: 'MEMLOG', fileName: 'memlog.txt', contentType: TEXT_CONTENT_TYPE, content: lines.join('') };
}

/** Which files are corrupt and why. Unsupported ones are no images and are only in `selection.csv`. */
export function corruptnessFile(
  decisions: readonly Pick<RunDecision, 'fileName' | 'outcome' | 'reason'>[],
): ArtifactFile {
  const corrupt = decisions.filter(({ outcome }) => outcome === 'corrupt');
  const found = {
    corrupt_samples: Object.fromEntries(corrupt.map(({ fileName, reason }) => [fileName, reason])),
    corrupt_videos: {},
  };
  return {
    type: 'CORRUPTNESS_CHECK_INFORMATION',
    fileName: 'corruptness_check_information.json',
    contentType: JSON_CONTENT_TYPE,
    content: `${JSON.stringify(found, null, 2)}\n`,
  };
}

/** What a run has fitted, for other runs. */
export const checkpointFile = (checkpoint: string): ArtifactFile => ({
  type: 'CHECKPOINT',
  fileName: 'checkpoint.ckpt',
  contentType: JSON_CONTENT_TYPE,
  content: checkpoint,
});
