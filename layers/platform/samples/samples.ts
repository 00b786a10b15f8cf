import type { Sample, SampleName } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';

/** What a client may change of a sample; fields that are left out stay as they are. */
export type SampleChanges = Partial<
  Pick<Sample, 'thumbName' | 'metaData' | 'customMetaData' | 'exif' | 'group' | 'lastModifiedAt'>
>;

/** Samples as they are kept: the members of datasets, by index. */
export interface SampleStore {
  /** Writes samples at their indexes, and then their names. Writing the same again changes nothing. */
  put(samples: readonly Sample[]): Promise<void>;
  /** Replaces what is known of a sample's image; what a client has said of it stays. */
  refresh(sample: Sample): Promise<void>;
  get(datasetId: ObjectId, index: number): Promise<Sample | undefined>;
  /** By index from `from` (inclusive) to `to` (exclusive), ascending. */
  range(datasetId: ObjectId, from: number, to: number): AsyncIterable<Sample>;
  /** As `range`, but only what samples are called: a fraction of the work. */
  names(datasetId: ObjectId, from: number, to: number): AsyncIterable<Pick<Sample, 'index' | 'fileName'>>;
  /** The changed sample; undefined where there is none at the index. */
  update(datasetId: ObjectId, index: number, changes: SampleChanges): Promise<Sample | undefined>;
  /** Which sample has the name, as far as names know: see {@link SampleName}. */
  nameOf(datasetId: ObjectId, fileName: string): Promise<SampleName | undefined>;
}

/** The steps in which samples are added and renamed one by one. Each is one conditional write. */
export interface SampleClaims {
  /** Writes a sample that has an `offer` at its index. False where the index is taken. */
  offer(sample: Sample): Promise<boolean>;
  /** The sample stays: its offer is gone. False where that very offer is not there. */
  settle(sample: Sample): Promise<boolean>;
  /** Removes a sample that is not committed. Does nothing where another one has come in its place. */
  withdraw(sample: Sample): Promise<void>;
  /** Writes the name if it is as it was `seen`. False where somebody else was first. */
  claimName(name: SampleName, seen: SampleName | undefined): Promise<boolean>;
  /** Keeps a name free for the sample, or no name any more. False where the sample is not called `fileName`. */
  intendName(sample: Pick<Sample, 'datasetId' | 'index' | 'fileName'>, renamingTo?: string): Promise<boolean>;
  /** Gives the sample the name that was intended for it. False where another one was, or none. */
  rename(
    sample: Pick<Sample, 'datasetId' | 'index'>,
    fileName: string,
    lastModifiedAt: number,
  ): Promise<boolean>;
}
