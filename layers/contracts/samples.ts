import { z } from 'zod';
import { imageFacts } from './image-facts.ts';
import { nearDuplicateGroup } from './near-duplicates.ts';
import { objectMetadata, thumbnailPlace } from './object-metadata.ts';
import { milliseconds, objectId } from './schema.ts';

/** Why and how a sample was chosen. */
const selectionTrace = z.strictObject({
  /** 0 for the first sample that the run chose. */
  step: z.int().nonnegative(),
  /** Euclidean distance to the nearest sample chosen before it; absent where there was none. */
  distance: z.number().optional(),
  /** One sentence for people. */
  reason: z.string(),
});
export type SelectionTrace = z.infer<typeof selectionTrace>;

const freeForm = z.record(z.string(), z.unknown());
const perChannel = z.array(z.number()).length(3);

/** What a client says of an image, as the protocol's `SampleMetaData` has it; see `imageMetadata` for the numbers. */
const givenMetadata = z.strictObject({
  custom: freeForm.exactOptional(),
  dynamic: freeForm.exactOptional(),
  sharpness: z.number().nonnegative().exactOptional(),
  luminance: z.number().min(0).max(100).exactOptional(),
  sizeInBytes: z.int().nonnegative().exactOptional(),
  snr: z.number().nonnegative().exactOptional(),
  uniformRowRatio: z.number().min(0).max(1).exactOptional(),
  mean: perChannel.exactOptional(),
  shape: perChannel.exactOptional(),
  std: perChannel.exactOptional(),
  sumOfSquares: perChannel.exactOptional(),
  sumOfValues: perChannel.exactOptional(),
});
export type GivenMetadata = z.infer<typeof givenMetadata>;

/** Which frame of which video an image is. */
const videoFrameData = z.strictObject({
  sourceVideo: z.string().exactOptional(),
  sourceVideoFrameIndex: z.number().exactOptional(),
  sourceVideoFrameTimestamp: z.number().exactOptional(),
});

/** Which predicted object of which sample an image was cut out for. */
const cropData = z.strictObject({
  parentId: objectId,
  predictionUUIDTimestamp: milliseconds,
  predictionIndex: z.int().nonnegative(),
  predictionTaskName: z.string(),
  predictionTaskCategoryId: z.int().nonnegative(),
  predictionTaskScore: z.number().min(0).max(1),
});

const SAMPLE_TYPES = ['CROP', 'IMAGE', 'VIDEO_FRAME'] as const;

/**
 * A member of a dataset. Its index never changes; a re-uploaded image replaces its facts. A run adds samples with
 * facts, a run id and a trace; a client adds samples of which only is known what it says of them.
 */
export const sample = z.strictObject({
  /** `sampleIdOf(datasetId, index)` */
  id: objectId,
  datasetId: objectId,
  index: z.int().nonnegative(),
  type: z.enum(SAMPLE_TYPES),
  fileName: z.string().min(1),
  /** Relative to the platform folder, or to the LIGHTLY datasource that is configured. */
  thumbName: z.string().optional(),
  /** Where the image is, or is to be uploaded to. */
  bucket: z.string().min(1),
  key: z.string().min(1),
  versionId: z.string().optional(),
  /** Absent where only a client knows the image. */
  eTag: z.string().optional(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  /** The run that chose it. */
  runId: objectId.optional(),
  selection: selectionTrace.optional(),
  facts: imageFacts.optional(),
  thumbIn: thumbnailPlace.exactOptional(),
  objectMetadata: objectMetadata.exactOptional(),
  /**
   * Set once its image was found to be gone, and kept when it comes back: the state of the object that is told of. `order`
   * is of the registry's state, so that what is told late does not win; it holds among states of the same `place`.
   */
  availability: z
    .strictObject({
      isAvailable: z.boolean(),
      /** Why it is not. */
      reason: z.enum(['deleted', 'archived']).exactOptional(),
      order: z.string(),
      place: z.string(),
      since: milliseconds,
    })
    .exactOptional(),
  /** The images that it is nearly the same as, where there are any. */
  group: nearDuplicateGroup.optional(),
  /** What a client says of it. */
  metaData: givenMetadata.optional(),
  customMetaData: freeForm.optional(),
  exif: freeForm.optional(),
  videoFrameData: videoFrameData.optional(),
  cropData: cropData.optional(),
  /** While it is being added by a client: names that attempt. Whoever reads a committed sample never sees it. */
  offer: objectId.optional(),
  /** While it is being renamed: the name that is kept free for it. */
  renamingTo: z.string().optional(),
});
export type Sample = z.infer<typeof sample>;
/** Which sample has a file name. Valid while the sample at the index has that name, or is about to get it. */
export const sampleName = z.strictObject({
  datasetId: objectId,
  fileName: z.string().min(1),
  index: z.int().nonnegative(),
  /** Another one with each write, so that a writer notices every write since it read. */
  claim: objectId,
});
export type SampleName = z.infer<typeof sampleName>;

/** A sample whose image Winnow has analysed. */
export type AnalysedSample = Sample & { readonly facts: NonNullable<Sample['facts']> };
