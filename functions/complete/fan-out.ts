import { NotFoundError } from '#contracts/errors';
import type { ArchiveMessage, CompletionMessage, ExportMessage } from '#contracts/messages';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import { exportedFormats } from '#platform/exports/exported-formats';
import type { MessageSender } from '#platform/queues';
import type { RunStore } from '#platform/runs/runs';

export interface FanOutDeps {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly exportQueue: MessageSender<ExportMessage>;
  readonly archiveQueue: MessageSender<ArchiveMessage>;
  readonly telemetry: Telemetry;
  /** ms */
  readonly now: () => number;
}

/**
 * Sends a completed run to its exports, one message per format, and to the archive. It is recorded last: a worker
 * that dies before that sends everything again, and the stages behind take the same message any number of times.
 *
 * @throws NotFoundError for a run or dataset that does not exist.
 */
export async function fanOut(message: CompletionMessage, deps: FanOutDeps): Promise<void> {
  const { datasetId, runId, exportsBefore } = message;
  const [run, dataset] = await Promise.all([deps.runs.get(runId), deps.datasets.get(datasetId)]);
  if (run?.datasetId !== datasetId) throw new NotFoundError('run', runId);
  if (!dataset) throw new NotFoundError('dataset', datasetId);
  const isFannedOut = run.fannedOutAt !== undefined;
  if (run.state !== 'COMPLETED' || (isFannedOut && exportsBefore === undefined)) {
    deps.telemetry.log('info', 'Nothing to fan out', { runId, state: run.state });
    return;
  }
  const { exports, archive } = dataset.settings;
  const formats = run.tagName === undefined ? [] : exportedFormats(exports);
  const { readUrls, readUrlExpirySeconds, split } = exports;
  const asSettingsSay = {
    ...{ formats, readUrls, readUrlExpirySeconds, ...(split && { split }) },
    ...(exportsBefore !== undefined && { exportsBefore }),
  };
  for (const format of formats) {
    await deps.exportQueue.send({ datasetId, runId, format, ...asSettingsSay });
  }
  deps.telemetry.count('ExportsRequested', formats.length);
  if (isFannedOut) return;
  if (archive.enabled) await deps.archiveQueue.send({ datasetId, runId });
  await deps.runs.recordFanOut(runId, deps.now());
  deps.telemetry.count('ArchivesRequested', Number(archive.enabled));
}
