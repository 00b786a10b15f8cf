import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { inputBucketStore } from '#aws/input-bucket-store';
import { objectStore } from '#aws/s3-objects';
import { openTable } from '#aws/table';
import { BUILT_IN } from '#contracts/embedding-models';
import { NotFoundError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import { datasetSettings } from '#contracts/settings';
import { changeSettings } from '#platform/datasets/change-settings';
import { newLandingDataset } from '#platform/datasets/datasets';
import { modelRegistry } from '#platform/embeddings/model-registry';
import { checkSelectionConfig } from '#selection/select';

/** Names of deployed resources. Credentials are the SDK's business. */
export interface SettingsTarget {
  readonly table: string;
}
export interface NewDatasetTarget extends SettingsTarget {
  readonly landingBucket: string;
  readonly platformBucket: string;
}

/** The settings of a dataset. @throws NotFoundError */
export async function showSettings(name: string, { table }: SettingsTarget) {
  const dataset = await datasetStore(openTable(table)).findByName(name);
  if (!dataset) throw new NotFoundError('dataset', name);
  return dataset.settings;
}

/**
 * Replaces the settings of a dataset, which is made where there is none. Returns them all.
 * @throws InvalidInputError where they are not valid, or name a model that is not registered
 */
export async function setSettings(name: string, document: unknown, target: NewDatasetTarget) {
  const buckets = { landing: target.landingBucket, platform: target.platformBucket };
  const make = (id: string) => newLandingDataset(id, name, buckets, Date.now());
  await checkModel(document, target);
  const table = openTable(target.table);
  const input = {
    datasources: datasourceStore(table),
    inputBuckets: inputBucketStore(table),
    datasourceStates: datasourceStateStore(table),
    now: Date.now,
  };
  const checks = { checkSelection: checkSelectionConfig };
  return changeSettings({ name, document, make }, { datasets: datasetStore(table), input, ...checks });
}

async function checkModel(document: unknown, { platformBucket }: NewDatasetTarget): Promise<void> {
  const { embeddingModel } = parseWith(datasetSettings, document, 'The settings document').ingest;
  if (embeddingModel !== BUILT_IN)
    await modelRegistry(objectStore(), platformBucket).describe(embeddingModel);
}
