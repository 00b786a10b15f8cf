import type { ImageFacts } from '#contracts/image-facts';
import type { Dataset } from '#contracts/items';
import type { ScheduleCheckMessage } from '#contracts/messages';
import type { IngestRequest } from '#contracts/object-event';
import type { ObjectId } from '#contracts/schema';
import type { IngestSettings } from '#contracts/settings';
import type { DatasetSync } from '#contracts/syncs';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { DatasetImages } from '#platform/datasources/dataset-images';
import type { DatasourceConnections } from '#platform/datasources/datasource-objects';
import type { HeldEventStore } from '#platform/datasources/input/held-events';
import type { BatchSender, MessageSender } from '#platform/queues';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import type { SampleAvailability } from '#platform/samples/sample-availability';
import type { IntakeStore } from '#platform/scheduling/intake';
import type { ListedSoFar } from '#platform/syncs/listed-place';
import type { DatasourceWatch } from './datasource-watch.ts';
import type { InputDatasets } from './input-datasets.ts';

/** What ingest works with. */
export interface IngestDeps {
  readonly datasets: Pick<DatasetStore, 'findByName'>;
  /**
   * The dataset of this name, made with default settings where there is none; a few seconds old at most. Undefined for
   * an object that was born (ms) before the last dataset of this name was deleted: it was left behind by that one.
   */
  readonly ensureDataset: (name: string, bornAt?: number) => Promise<Dataset | undefined>;
  readonly inputDatasets: InputDatasets;
  readonly rawSamples: Pick<RawSampleStore, 'get' | 'write'>;
  readonly sampleAvailability: Pick<SampleAvailability, 'markAvailability'>;
  readonly heldEvents: Pick<HeldEventStore, 'hold'>;
  readonly intake: Pick<IntakeStore, 'noteArrival'>;
  /** The only way to an image. */
  readonly images: Pick<DatasetImages, 'where' | 'of' | 'open' | 'head'>;
  /** Opens what thumbnails are written to. */
  readonly datasourceConnections: DatasourceConnections;
  readonly datasourceWatch: DatasourceWatch;
  /** The sync of a dataset, a few seconds old at most, or as it is `now`. */
  readonly syncOf: (
    datasetId: ObjectId,
    when?: 'now',
  ) => Promise<(ListedSoFar & Pick<DatasetSync, 'firstStartedAt'>) | undefined>;
  readonly scheduleQueue: MessageSender<ScheduleCheckMessage>;
  /** Its own: for events that are for several datasets. */
  readonly ingestQueue: Pick<BatchSender<IngestRequest>, 'sendAll'>;
  /** Throws RejectedError where the bytes are at fault, InvalidInputError where the model is that they name. */
  readonly analyse: (
    bytes: Uint8Array,
    settings: IngestSettings,
  ) => Promise<{ readonly facts: ImageFacts; readonly thumbnail: { readonly bytes: Uint8Array } }>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly newId: () => ObjectId;
  readonly buckets: { readonly landing: string };
}
