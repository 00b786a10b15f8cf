import { datasetStore } from '#aws/dataset-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { workerConfigStore } from '#aws/worker-config-store';
import type { RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import { newObjectId } from '#contracts/schema';
import { datasetSettings } from '#contracts/settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { checkDataset, type ScheduleDeps } from '../../functions/schedule/check-dataset.ts';
import { startTableServer } from './aws-servers.ts';
import { FIRST_DELIVERY, REDELIVERY } from './lambda-invocation.ts';
import { registeredRawSample } from './raw-samples.ts';
import { recordedQueue } from './recorded-queue.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';

export const SECOND = 1_000;
/** The quiet period is over, also for arrivals that share a millisecond and are noted as one after the other. */
export const DUE = 61 * SECOND;

/** The schedule stage on a table server of its own, with a clock that stands still until a test moves it. */
export async function startScheduleStage() {
  const server = await startTableServer();
  const { table } = server;
  const clock = { now: 1_700_000_000_000 };
  const runQueue = recordedQueue<RunMessage>();
  const scheduleQueue = recordedQueue<ScheduleCheckMessage>();
  const deps = {
    datasets: datasetStore(table, () => clock.now),
    rawSamples: rawSampleStore(table),
    intake: intakeStore(table),
    workerConfigs: workerConfigStore(table),
    scheduledRuns: scheduledRunStore(table),
    ...{ runQueue, scheduleQueue, telemetry: recordedTelemetry() },
    now: () => clock.now,
    newId: () => newObjectId(clock.now),
  } satisfies ScheduleDeps;
  const arrive = async (datasetId: string, fileName: string) => {
    const image = registeredRawSample(datasetId, fileName, clock.now);
    await deps.rawSamples.write(image, { by: 'sequencer', sequencer: '01' });
    await deps.intake.noteArrival({
      ...{ datasetId, scheduledId: deps.newId(), at: clock.now },
      checkAt: clock.now + 60 * SECOND,
    });
  };
  let datasetsMade = 0;
  return {
    ...{ deps, clock, runQueue, scheduleQueue, arrive },
    /** A dataset with images that have just arrived and an intake whose check is due after the quiet period. */
    datasetWithImages: async (images: number, settings: object = {}) => {
      const buckets = { landing: 'landing', platform: 'platform' };
      const schedule = { quietPeriodSeconds: 60, minNewImages: 2, maxWaitSeconds: 900 };
      const name = `queue-${++datasetsMade}`;
      const { id } = await deps.datasets.ensure(name, (newId) => ({
        ...newLandingDataset(newId, name, buckets, clock.now),
        settings: datasetSettings.parse({ schedule, ...settings }),
      }));
      for (let image = 0; image < images; image++) await arrive(id, `${image}.jpg`);
      runQueue.take();
      scheduleQueue.take();
      return id;
    },
    check: (datasetId: string, using: ScheduleDeps = deps) =>
      checkDataset({ datasetId }, using, FIRST_DELIVERY),
    checkAgain: (datasetId: string) => checkDataset({ datasetId }, deps, REDELIVERY),
    stop: () => server.stop(),
  };
}
export type ScheduleStage = Awaited<ReturnType<typeof startScheduleStage>>;
