import type { Dataset, RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';

/** What became of one event, as metrics. */
export const INGEST_OUTCOMES = [
  'ImagesRegistered',
  'ImagesRejected',
  'ImagesDeleted',
  /** The state tells this already. */
  'ImagesUnchanged',
  /** A newer state or object has come since. */
  'ImagesSuperseded',
  /** Not an image of a dataset and not meant to be one. */
  'ObjectsIgnored',
  'ObjectsOutsideDatasets',
] as const;

export interface IngestResult {
  readonly outcome: (typeof INGEST_OUTCOMES)[number];
  /** The dataset that has an image no run has read, if this event is about one. */
  readonly awaitsRun?: Dataset;
}

/** One object of a dataset and what is known of it before it is read. */
export interface Arrival {
  readonly dataset: Dataset;
  readonly fileName: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly eTag?: string | undefined;
  readonly order: EventOrder;
  readonly stored: RawSample | undefined;
}

/** An observation has no place of its own in the order of events: it keeps that of the state it has seen. */
export const sequencerOf = (order: EventOrder): string =>
  order.by === 'sequencer' ? order.sequencer : (order.seen?.sequencer ?? '');
