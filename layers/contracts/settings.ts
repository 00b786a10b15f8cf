import { z } from 'zod';
import { BUILT_IN, modelReference } from './embedding-models.ts';
import { inputSettings } from './input-settings.ts';
import { nearDuplicateSettings } from './near-duplicates.ts';
import { DEFAULT_SELECTION, selectionConfig } from './selection-config.ts';
import { LONGEST_DELAY_SECONDS } from './stages.ts';
import { LONGEST_LABEL, MOST_LABELS } from './workers.ts';

export const EXPORT_FORMATS = [
  'label-studio',
  'labelbox-v3',
  'labelbox-v4',
  'sama',
  'filenames',
  'filenames-and-read-urls',
  'coco',
  'csv',
] as const;
/** Written beside `filenames` where the settings divide samples. */
export const SPLIT_FORMATS = ['filenames-train', 'filenames-validation', 'filenames-test'] as const;
/** What a run can be exported to. */
export const exportFormat = z.enum([...EXPORT_FORMATS, ...SPLIT_FORMATS]);
export type ExportFormat = z.infer<typeof exportFormat>;
/** What settings can ask for. */
const chosenFormat = z.enum(EXPORT_FORMATS);

export const PRIORITIES = ['LOW', 'MID', 'HIGH', 'CRITICAL'] as const;

const DAY_SECONDS = 24 * 60 * 60;

/** SigV4 allows a presigned URL to live for seven days. */
export const LONGEST_READ_URL_LIFE_SECONDS = 7 * DAY_SECONDS;
/** URLs that redirect live as long as they are told to. Ten years stand for ever. */
export const LONGEST_REDIRECT_LIFE_SECONDS = 10 * 365 * DAY_SECONDS;

/** `redirect`: a URL of the API, which leads to a URL that is signed at each visit. `signed`: such a URL itself. */
export const READ_URL_KINDS = ['redirect', 'signed'] as const;
export type ReadUrlKind = (typeof READ_URL_KINDS)[number];

export const USUAL_REDIRECT_LIFE_SECONDS = 90 * DAY_SECONDS;

const READ_URL_LIVES: Readonly<Record<ReadUrlKind, { readonly usual: number; readonly longest: number }>> = {
  redirect: { usual: USUAL_REDIRECT_LIFE_SECONDS, longest: LONGEST_REDIRECT_LIFE_SECONDS },
  signed: { usual: LONGEST_READ_URL_LIFE_SECONDS, longest: LONGEST_READ_URL_LIFE_SECONDS },
};

/** When a run is scheduled by itself. */
const scheduleSettings = z.strictObject({
  /** A run is scheduled when at least this many files are new, rejected ones included. */
  minNewImages: z.int().min(1).default(1),
  /** ... and none has arrived for this long. */
  quietPeriodSeconds: z.int().min(0).max(LONGEST_DELAY_SECONDS).default(60),
  /** ... or the first of them has waited this long. */
  maxWaitSeconds: z.int().min(0).max(86_400).default(900),
  priority: z.enum(PRIORITIES).default('MID'),
  /** Labels that a worker must have to take the run; none means any worker. */
  runsOn: z.array(z.string().min(1).max(LONGEST_LABEL)).max(MOST_LABELS).default([]),
});
export type ScheduleSettings = z.infer<typeof scheduleSettings>;

const ingestSettings = z.strictObject({
  /** The upper bounds of both are what the ingest function has memory for. */
  maxBytes: z.int().min(1).max(200_000_000).default(100_000_000),
  maxPixels: z.int().min(1).max(150_000_000).default(100_000_000),
  /** Side of the square that a thumbnail fits in, in pixels. */
  thumbnailSize: z.int().min(16).max(1024).default(128),
  /** Keep the GPS position of the EXIF block. */
  keepGps: z.boolean().default(false),
  /** Which model describes the images: the one of Winnow, or `<name>/<version>` of a registered one. */
  embeddingModel: z.union([z.literal(BUILT_IN), modelReference]).default(BUILT_IN),
});
export type IngestSettings = z.infer<typeof ingestSettings>;

/** What a run does that the pipeline schedules by itself. */
const runSettings = z.strictObject({
  selection: selectionConfig.default(DEFAULT_SELECTION),
  useDatapool: z.boolean().default(true),
  corruptionThreshold: z.number().min(0).max(1).default(1),
});

export const SPLIT_SIDES = ['train', 'validation', 'test'] as const;
export type SplitSide = (typeof SPLIT_SIDES)[number];

const share = z.number().min(0).max(1).default(0);
/** Decimals such as 0.7, 0.2 and 0.1 don't add up to 1 to the last bit. */
const ROUNDING = 1e-9;

/** Which share of the samples is on each side. Near-duplicates are always on the same one. */
export const splitSettings = z
  .strictObject({
    train: share,
    validation: share,
    test: share,
    /** Another seed is another division. */
    seed: z.int().default(0),
  })
  .refine(({ train, validation, test }) => Math.abs(train + validation + test - 1) < ROUNDING, {
    message: 'expected shares of train, validation and test that add up to 1',
  });
export type SplitSettings = z.infer<typeof splitSettings>;

const exportSettings = z
  .strictObject({
    formats: z.array(chosenFormat).default([...EXPORT_FORMATS]),
    readUrls: z.enum(READ_URL_KINDS).default('redirect'),
    readUrlExpirySeconds: z.int().min(60).optional(),
    /** Without it, samples are not divided. */
    split: splitSettings.optional(),
  })
  .transform(({ readUrls, readUrlExpirySeconds, ...others }, context) => {
    const { usual, longest } = READ_URL_LIVES[readUrls];
    if (readUrlExpirySeconds !== undefined && readUrlExpirySeconds > longest) {
      const message = `expected at most ${longest} where readUrls is '${readUrls}'`;
      context.addIssue({ code: 'custom', path: ['readUrlExpirySeconds'], message });
    }
    return { ...others, readUrls, readUrlExpirySeconds: readUrlExpirySeconds ?? usual };
  });

const archiveSettings = z.strictObject({ enabled: z.boolean().default(true) });

/** All settings of a dataset: one strict document. `{}` is valid and means the defaults. */
export const datasetSettings = z.strictObject({
  schedule: scheduleSettings.prefault({}),
  input: inputSettings.prefault({}),
  ingest: ingestSettings.prefault({}),
  run: runSettings.prefault({}),
  nearDuplicates: nearDuplicateSettings.prefault({}),
  exports: exportSettings.prefault({}),
  archive: archiveSettings.prefault({}),
});
export type DatasetSettings = z.infer<typeof datasetSettings>;

export const DEFAULT_SETTINGS: DatasetSettings = datasetSettings.parse({});
