import type { Dataset } from '#contracts/items';
import type { SelectionConfig } from '#contracts/selection-config';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { checkSelectionConfig } from '#selection/select';
import type { PipelineClient } from '../../local/pipeline-client.ts';

export const DATASET = 'demo';
const QUIET_PERIOD_SECONDS = 2;
/** A day, the longest there is: a large folder takes its time, and its run must not start before all of it is read. */
const MAX_WAIT_SECONDS = 86_400;

/** One run for the whole folder: it is scheduled when all files have been read and a short quiet has passed. */
export async function configureDataset(
  client: PipelineClient,
  selection: SelectionConfig,
  minNewImages: number,
): Promise<Dataset> {
  const make = (id: string) => newLandingDataset(id, DATASET, client.buckets, Date.now());
  const document = {
    schedule: { minNewImages, quietPeriodSeconds: QUIET_PERIOD_SECONDS, maxWaitSeconds: MAX_WAIT_SECONDS },
    run: { selection },
  };
  await changeSettings(
    { name: DATASET, document, make },
    { datasets: client.datasets, checkSelection: checkSelectionConfig },
  );
  return client.datasets.ensure(DATASET, make);
}
