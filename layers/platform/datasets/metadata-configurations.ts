import { InvalidInputError } from '#contracts/errors';
import { type MetadataConfiguration, MOST_CONFIGURATION_BYTES } from '#contracts/metadata-configurations';
import { DEEPEST_NESTING, isNestedDeeperThan } from '#contracts/nesting';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { DatasetStore } from './datasets.ts';

/** Metadata configurations as they are kept. */
export interface MetadataConfigurationStore {
  create(configuration: MetadataConfiguration): Promise<void>;
  get(datasetId: ObjectId, configurationId: ObjectId): Promise<MetadataConfiguration | undefined>;
  /** Oldest first. */
  list(datasetId: ObjectId): AsyncIterable<MetadataConfiguration>;
  /** @throws NotFoundError */
  replace(
    place: Pick<MetadataConfiguration, 'datasetId' | 'id'>,
    content: MetadataContent,
    at: number,
  ): Promise<void>;
}

export type MetadataContent = Pick<MetadataConfiguration, 'name' | 'configs'>;

/** Keeps a new configuration, which is from then on the dataset's own. @throws InvalidInputError where it is too large */
export async function createMetadataConfiguration(
  datasetId: ObjectId,
  content: MetadataContent,
  deps: {
    readonly metadataConfigurations: Pick<MetadataConfigurationStore, 'create'>;
    readonly datasets: Pick<DatasetStore, 'useMetadataConfiguration'>;
    readonly now: () => number;
  },
): Promise<ObjectId> {
  checkSize(content);
  const at = deps.now();
  const id = newObjectId(at);
  const { name, configs } = content;
  await deps.metadataConfigurations.create({
    ...{ id, datasetId, name, configs, createdAt: at, lastModifiedAt: at },
  });
  await deps.datasets.useMetadataConfiguration(datasetId, id);
  return id;
}

/** @throws InvalidInputError */
export function checkSize(content: MetadataContent): void {
  const deep = content.configs.findIndex(({ defaultValue }) =>
    isNestedDeeperThan(DEEPEST_NESTING, defaultValue),
  );
  if (deep >= 0) {
    throw new InvalidInputError(
      `$.configs[${deep}].defaultValue: must not be nested deeper than ${DEEPEST_NESTING} levels.`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(content));
  if (bytes <= MOST_CONFIGURATION_BYTES) return;
  throw new InvalidInputError(
    `A metadata configuration has at most ${MOST_CONFIGURATION_BYTES} bytes of JSON; this one has ${bytes}. Leave entries out of configs.`,
  );
}
