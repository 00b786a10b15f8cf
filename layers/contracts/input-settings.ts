import { z } from 'zod';
import { namingFields } from './schema.ts';
import { serverAddress } from './server-address.ts';

/** Characters of a pattern, and patterns of one filter: each of them is tried on every object. */
const LONGEST_GLOB = 1_024;
const MOST_GLOBS = 100;
const globs = z.array(z.string().min(1).max(LONGEST_GLOB)).max(MOST_GLOBS).default([]);

/** Seconds. */
const age = z.int().nonnegative();

/** How a datasource is asked, beside what its config says. */
const access = {
  /** Whoever reads pays, where the owner of the bucket wants that. */
  requesterPays: z.boolean().default(false),
  /** The account that owns the bucket. Where it has become another one, nothing is read or written. */
  bucketOwner: z
    .string()
    .regex(/^\d{12}$/, 'expected the 12 digits of an AWS account')
    .exactOptional(),
  /** Of a store that speaks S3; for type S3. */
  endpoint: serverAddress.exactOptional(),
  /** `https://endpoint/bucket/key` instead of `https://bucket.endpoint/key`. */
  pathStyle: z.boolean().default(false),
};
const datasourceAccess = z.strictObject(access, namingFields(access));
export type DatasourceAccess = Readonly<z.infer<typeof datasourceAccess>>;

const fields = {
  /** Names, relative to the datasource: `2026/**`. One of these has to match. */
  include: globs,
  /** None of these may match. */
  exclude: globs,
  /**
   * Without the dot, in any case: `jpg`. Without the field: everything in the landing bucket, and in a datasource that
   * somebody has configured what {@link DEFAULT_EXTENSIONS} lists. Empty: everything.
   */
  extensions: z
    .array(
      z
        .string()
        .regex(/^[^./\\]+$/, "expected an extension without its dot, for example 'jpg'")
        .toLowerCase(),
    )
    .max(MOST_GLOBS)
    .exactOptional(),
  /** Bytes. */
  minBytes: z.int().nonnegative().exactOptional(),
  /** Bytes. `ingest.maxBytes` rejects images that are too large; this leaves them out without a word. */
  maxBytes: z.int().nonnegative().exactOptional(),
  /** Since the object was last modified. An object that is too young is looked at again. */
  minAgeSeconds: age.exactOptional(),
  /** As `minAgeSeconds`. An image that is registered stays when it grows older. */
  maxAgeSeconds: age.exactOptional(),
  /** Reads the tags of objects that have some: one request more for each of them. */
  objectTags: z.boolean().default(true),
  ...access,
  /** How a LIGHTLY datasource is asked that is configured by itself, and nothing of the above is. Without it: as INPUT is. */
  lightly: datasourceAccess.exactOptional(),
  /** The bucket behind an access point: events name it. Means nothing where INPUT is a bucket. */
  eventBucket: z.string().min(3).max(63).exactOptional(),
  /** Where S3 Inventory puts its reports: `s3://bucket/prefix/source-bucket/configuration/`. Read instead of a first listing. */
  inventory: z.string().startsWith('s3://').max(LONGEST_GLOB).exactOptional(),
  /** How often the datasource is listed. Without it: the larger it is, the less often. */
  listEverySeconds: z.int().min(300).max(2_592_000).exactOptional(),
  /** Listing requests in a second, at most. */
  listRequestsPerSecond: z.int().min(1).max(1_000).default(50),
};

/**
 * Which objects of a dataset's INPUT datasource are images of it, and how that datasource is asked. A filter that is
 * left out, or empty, lets everything pass; an object has to pass all of them.
 */
export const inputSettings = z
  .strictObject(fields, namingFields(fields))
  .refine(({ minBytes = 0, maxBytes = Number.POSITIVE_INFINITY }) => minBytes <= maxBytes, {
    path: ['minBytes'],
    message: 'expected at most maxBytes',
  })
  .refine(
    ({ minAgeSeconds = 0, maxAgeSeconds = Number.POSITIVE_INFINITY }) => minAgeSeconds <= maxAgeSeconds,
    {
      path: ['minAgeSeconds'],
      message: 'expected at most maxAgeSeconds',
    },
  );
export type InputSettings = z.infer<typeof inputSettings>;

/** The images that ingest can read. */
export const DEFAULT_EXTENSIONS = [
  'png',
  'jpg',
  'jpeg',
  'bmp',
  'gif',
  'tiff',
  'tif',
  'webp',
  'avif',
] as const;
