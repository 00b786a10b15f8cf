import type { Dataset, RawSample } from '#contracts/items';
import type { EventOrder, ObjectEvent } from '#contracts/object-event';
import type { VersionedDatasource } from '#platform/datasources/datasources';
import { isOfPlace } from '#platform/samples/raw-samples';

/** What became of one event, as metrics. */
export const INGEST_OUTCOMES = [
  'ImagesRegistered',
  'ImagesRejected',
  'ImagesDeleted',
  /** They had been registered, and have to be restored before they can be read. */
  'ImagesArchived',
  /** The state tells this already. */
  'ImagesUnchanged',
  /** A newer state or object has come since. */
  'ImagesSuperseded',
  /** Left out by the filter of its dataset. */
  'ObjectsSkipped',
  /** Its dataset is paused, or the datasource can't be used: it waits. */
  'EventsHeld',
  /** Not an image of a dataset and not meant to be one. */
  'ObjectsIgnored',
  'ObjectsOutsideDatasets',
] as const;

export interface IngestResult {
  readonly outcome: (typeof INGEST_OUTCOMES)[number];
  /** The dataset that has an image no run has read, if this event is about one. */
  readonly awaitsRun?: Dataset;
}

/** An event and the dataset that it is for. */
export interface Target {
  readonly dataset: Dataset;
  /** Where the images of the dataset are now. */
  readonly input: VersionedDatasource;
  /** Relative to it. */
  readonly fileName: string;
  /** Its bucket is called as the datasource calls it: an access point stands for the bucket behind it. */
  readonly event: ObjectEvent;
}

/** One object of a dataset and what is known of it before it is read. */
export interface Arrival {
  readonly dataset: Dataset;
  readonly fileName: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly eTag?: string | undefined;
  /** When the object was made, or what happened to it (ms), where the event tells. */
  readonly bornAt?: number | undefined;
  /** What is told of its archive. */
  readonly archive?: ObjectEvent['archive'];
  readonly order: EventOrder;
  readonly stored: RawSample | undefined;
}

/** Where the registry stays as it is. */
export const unchanged = ({ stored, dataset }: Arrival): IngestResult => ({
  outcome: 'ImagesUnchanged',
  ...(stored?.pending && { awaitsRun: dataset }),
});

/**
 * An observation has no place of its own in the order of events: it keeps that of the state it has seen, unless that is of
 * another bucket or key, whose order is another one.
 */
export function sequencerOf({ order, stored, ...at }: Arrival): string {
  if (order.by === 'sequencer') return order.sequencer;
  return stored && isOfPlace(at, stored) ? (order.seen?.sequencer ?? '') : '';
}
