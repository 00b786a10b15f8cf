import { z } from 'zod';

/** Three numbers, one each for red, green and blue. */
const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** Formats that ingest accepts, decided by content. */
const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'bmp', 'avif'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/**
 * Numbers computed from the full-resolution RGB pixels, before EXIF orientation is applied. Field names and
 * formulas are those of the Lightly protocol's `SampleMetaData`.
 */
export const imageMetadata = z.strictObject({
  /** Mean of pixel/255, 0 to 1. */
  mean: perChannel,
  /** Population standard deviation of pixel/255. */
  std: perChannel,
  /** Sum of pixel/255. */
  sumOfValues: perChannel,
  /** Sum of (pixel/255)². */
  sumOfSquares: perChannel,
  /** Mean over standard deviation of all values of all channels; 0 for a uniform image. */
  snr: z.number().nonnegative(),
  /** Standard deviation of the clipped 3×3 edge response of the grey image. */
  sharpness: z.number().nonnegative(),
  /** Bytes of the stored object. */
  sizeInBytes: z.int().nonnegative(),
  /** Height, width, channels (always 3). */
  shape: z.tuple([z.int(), z.int(), z.int()]),
  /** Mean CIE L*, 0 to 100. */
  luminance: z.number().min(0).max(100),
  /** Share of rows without structure, 0 to 1. */
  uniformRowRatio: z.number().min(0).max(1),
});
export type ImageMetadata = z.infer<typeof imageMetadata>;

/** Characters of an EXIF text that are kept. */
export const LONGEST_EXIF_TEXT = 200;
const exifText = z.string().max(LONGEST_EXIF_TEXT);

/** EXIF fields that are kept. GPS is present only where the dataset asks for it. */
const exifFacts = z.strictObject({
  /** ISO 8601 local time without zone, or with one where the file tells it. */
  captureTime: exifText.optional(),
  cameraMake: exifText.optional(),
  cameraModel: exifText.optional(),
  /** The EXIF orientation tag, 1 to 8. */
  orientation: z.int().min(1).max(8).optional(),
  gps: z.strictObject({ latitude: z.number(), longitude: z.number() }).optional(),
});
export type ExifFacts = z.infer<typeof exifFacts>;

/** Everything that is known of an image's content. Vectors and hashes are of fixed length. */
export const imageFacts = z.strictObject({
  format: z.enum(IMAGE_FORMATS),
  /** Pixels as stored, before orientation. */
  width: z.int().positive(),
  height: z.int().positive(),
  metadata: imageMetadata,
  exif: exifFacts,
  /** Lower-case hex SHA-256 of the bytes. */
  sha256: z.string().regex(/^[a-f0-9]{64}$/),
  /** 64-bit perceptual hash, 16 hex characters; near-duplicates differ in few bits. */
  perceptualHash: z.string().regex(/^[a-f0-9]{16}$/),
  /** Name and version of the model that made `embedding`, for example `classical-v2`. */
  embeddingModel: z.string(),
  /** L2-normalised float32 values; their number is fixed per model. */
  embedding: z.instanceof(Float32Array),
});
export type ImageFacts = z.infer<typeof imageFacts>;

/** Whether the picture as people see it has the stored height as its width: from 5 on, orientations turn it by a quarter. */
export const swapsSides = (orientation: number): boolean => orientation >= 5;

/** Pixels of the picture as people see it: viewers and labelling tools apply the EXIF orientation, and so do their boxes. */
export const uprightSizeOf = ({
  width,
  height,
  exif,
}: Pick<ImageFacts, 'width' | 'height' | 'exif'>): { readonly width: number; readonly height: number } =>
  swapsSides(exif.orientation ?? 1) ? { width: height, height: width } : { width, height };
