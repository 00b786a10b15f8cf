import type { ImageFacts } from '#contracts/image-facts';
import type { Dataset } from '#contracts/items';
import type { ScheduleCheckMessage } from '#contracts/messages';
import type { ObjectId } from '#contracts/schema';
import type { IngestSettings } from '#contracts/settings';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { ObjectStore, WritableObjectStore } from '#platform/objects/objects';
import type { MessageSender } from '#platform/queues';
import type { RawSampleStore } from '#platform/samples/raw-samples';
import type { IntakeStore } from '#platform/scheduling/intake';

/** What ingest works with. */
export interface IngestDeps {
  readonly datasets: Pick<DatasetStore, 'findByName'>;
  /**
   * The dataset of this name, made with default settings where there is none; a few seconds old at most. Undefined for
   * an object that was born (ms) before the last dataset of this name was deleted: it was left behind by that one.
   */
  readonly ensureDataset: (name: string, bornAt?: number) => Promise<Dataset | undefined>;
  readonly rawSamples: Pick<RawSampleStore, 'get' | 'write'>;
  readonly intake: Pick<IntakeStore, 'noteArrival'>;
  /** Reads the landing bucket. */
  readonly landing: Pick<ObjectStore, 'open' | 'head'>;
  /** Writes thumbnails. Never given an input bucket. */
  readonly platform: WritableObjectStore;
  readonly scheduleQueue: MessageSender<ScheduleCheckMessage>;
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
