import { createHash } from 'node:crypto';
import { datasetName } from './dataset-name.ts';
import { stemOf } from './file-extension.ts';
import type { BucketPrefix } from './items.ts';
import type { ExportFormat } from './settings.ts';

/** Keys of objects in Winnow's buckets. Nobody else builds one. */

/** Landing bucket: `<dataset name>/<file name>`. Returns undefined outside any valid dataset prefix. */
export function parseLandingKey(key: string): { datasetName: string; fileName: string } | undefined {
  const slash = key.indexOf('/');
  const name = key.slice(0, Math.max(slash, 0));
  const fileName = key.slice(slash + 1);
  // A key that ends in `/` is a folder made by a console, not an image.
  if (slash < 0 || fileName === '' || fileName.endsWith('/')) return undefined;
  return datasetName.safeParse(name).success ? { datasetName: name, fileName } : undefined;
}
export const landingPrefix = (name: string): string => `${name}/`;

/** Platform bucket: a dataset's folder, which is its LIGHTLY datasource too where no other is configured. */
export const platformPrefix = (datasetId: string): string => `datasets/${datasetId}/`;

/** In a datasource, what Winnow or the protocol's programs have made of images; never images themselves. */
export const RESERVED_FOLDER = '.lightly/';
/**
 * In such a folder, whichever folder that is in: thumbnails that one dataset writes below the images of another would
 * otherwise become images of that one, without end.
 */
export const isReservedName = (fileName: string): boolean => `/${fileName}`.includes(`/${RESERVED_FOLDER}`);

const THUMBNAILS_FOLDER = `${RESERVED_FOLDER}thumbnails/`;
/** Relative to LIGHTLY, or to the platform folder. */
export const isThumbnailName = (name: string): boolean => name.startsWith(THUMBNAILS_FOLDER);

/**
 * `.lightly/thumbnails/[filename]_thumb.[extension]`, where the extension is that of the thumbnail: WebP.
 * Relative to the platform folder.
 */
export const thumbnailName = (fileName: string): string => thumbnailNameOf(stemOf(fileName));
/** For a file whose {@link thumbnailName} another file has, as `a.png` beside `a.jpg`. */
export const thumbnailNameWithExtension = (fileName: string): string => thumbnailNameOf(fileName);

/** A key has at most 1,024 bytes; what stands around the file name takes less than a hundred of them. */
const LONGEST_STEM_BYTES = 900;
function thumbnailNameOf(stem: string): string {
  if (Buffer.byteLength(stem) <= LONGEST_STEM_BYTES) return `${THUMBNAILS_FOLDER}${stem}_thumb.webp`;
  return `${THUMBNAILS_FOLDER}${createHash('sha256').update(stem).digest('hex')}_thumb.webp`;
}
/**
 * `.lightly/crops/<task>/<file name>`: the image of an object crop. Relative to the platform folder.
 * @param fileName of the crop
 */
export function cropImageName(taskName: string, fileName: string): string {
  const folder = `${RESERVED_FOLDER}crops/${taskName.replaceAll(/[^a-zA-Z0-9_-]+/g, '-').slice(0, LONGEST_TASK_FOLDER)}/`;
  const fits = Buffer.byteLength(fileName) <= LONGEST_STEM_BYTES - LONGEST_TASK_FOLDER;
  return `${folder}${fits ? fileName : `${digestOf(fileName)}.png`}`;
}
const LONGEST_TASK_FOLDER = 100;
export const keyWithin = ({ prefix }: BucketPrefix, name: string): string => prefix + name;

/** @param datasetId undefined for a run of another worker that is of no dataset */
const runPrefix = (datasetId: string | undefined, runId: string): string =>
  `${datasetId === undefined ? '' : platformPrefix(datasetId)}runs/${runId}/`;
/** What one part of the pipeline hands to another while a run is under way: the bucket deletes it after some days. */
export const HANDOVER_PREFIX = 'handover/';
const handoverPrefix = (datasetId: string): string => `${HANDOVER_PREFIX}${datasetId}/`;
/** Everything of a dataset in the platform bucket. */
export const platformPrefixes = (datasetId: string): string[] => [
  platformPrefix(datasetId),
  handoverPrefix(datasetId),
];
const runHandoverPrefix = (datasetId: string, runId: string): string =>
  `${handoverPrefix(datasetId)}${runId}/`;
/** Each attempt writes a plan of its own; the run item names the one that counts. */
export const runPlanKey = (datasetId: string, runId: string, attempt: string): string =>
  `${runPrefix(datasetId, runId)}plan-${attempt}.jsonl.gz`;
/** Where a worker elsewhere puts a plan, and can put it again. */
export const uploadedPlanKey = (datasetId: string, runId: string, planId: string): string =>
  `${runHandoverPrefix(datasetId, runId)}plan-${planId}.jsonl.gz`;
/** The copy of what was put under {@link uploadedPlanKey}. */
export const handedInPlanKey = (datasetId: string, runId: string, planId: string, copyId: string): string =>
  runPlanKey(datasetId, runId, `${planId}-${copyId}`);
export const isHandedInPlanKey = (key: string, planId: string): boolean => key.includes(`/plan-${planId}-`);
/** Facts of images that a run has read. */
export const factSnapshotKey = (datasetId: string, name: string): string =>
  `${platformPrefix(datasetId)}facts/${name}.facts`;
/** What syncs remember: chunks of names that were in order, what one under way has found, the newest objects. */
export const syncMemoryKey = (datasetId: string, name: 'known' | 'under-way' | 'newest'): string =>
  `${platformPrefix(datasetId)}syncs/${name}.json.gz`;
/** What a worker elsewhere decides from. */
export const runInputKey = (datasetId: string, runId: string, attempt: string): string =>
  `${runHandoverPrefix(datasetId, runId)}input-${attempt}.jsonl.gz`;
interface ShardOfRun {
  readonly datasetId: string;
  readonly runId: string;
  readonly digest: string;
  readonly shard: number;
}
const shardPrefix = ({ datasetId, runId, digest, shard }: ShardOfRun): string =>
  `${runHandoverPrefix(datasetId, runId)}shards/${shard}-${digest}/`;
/** What a shard of a large selection is selected from. */
export const shardFactsKey = (shard: ShardOfRun): string => `${shardPrefix(shard)}facts.jsonl.gz`;
export const shardAnswerKey = (shard: ShardOfRun): string => `${shardPrefix(shard)}answer.json`;
export const artifactObjectKey = (datasetId: string | undefined, runId: string, fileName: string): string =>
  `${runPrefix(datasetId, runId)}artifacts/${fileName}`;
/** The report that another worker has written beside its artifacts. */
export const runReportKey = (datasetId: string | undefined, runId: string): string =>
  `${runPrefix(datasetId, runId)}report.pdf`;
/** @param digest of the mask: what is under such a key never changes */
export const tagMaskKey = (datasetId: string, tagId: string, digest: string): string =>
  `${platformPrefix(datasetId)}tags/${tagId}-${digest}.mask`;

const samplePrefix = (datasetId: string, sampleId: string): string =>
  `${platformPrefix(datasetId)}samples/${sampleId}/`;
/** Platform bucket: where clients upload the image of a sample that they have added. */
export const sampleImageKey = (datasetId: string, sampleId: string): string =>
  `${samplePrefix(datasetId, sampleId)}full`;
export const sampleThumbnailKey = (datasetId: string, sampleId: string): string =>
  `${samplePrefix(datasetId, sampleId)}thumbnail`;

/** @param at - When the embedding was created, ms: an embedding of the same name may have been deleted. */
export const embeddingUploadKey = (datasetId: string, embeddingId: string, at: number): string =>
  `${embeddingPrefix(datasetId, embeddingId)}upload-${at}.csv`;
/** @param version - Different for different contents. */
export const embeddingCsvKey = (datasetId: string, embeddingId: string, version: string): string =>
  `${embeddingPrefix(datasetId, embeddingId)}${version}.csv`;
export const embedding2dObjectKey = (datasetId: string, embeddingId: string, id: string): string =>
  `${embeddingPrefix(datasetId, embeddingId)}2d/${id}.json`;
export const embeddingPrefix = (datasetId: string, embeddingId: string): string =>
  `${platformPrefix(datasetId)}embeddings/${embeddingId}/`;
/** A task's name may hold what a key should not, so its digest stands here. */
export const predictionTaskObjectKey = (datasetId: string, taskName: string): string =>
  `${platformPrefix(datasetId)}predictions/tasks/${digestOf(taskName)}.json`;
export const predictionsObjectKey = (datasetId: string, index: number, taskName: string): string =>
  `${platformPrefix(datasetId)}predictions/samples/${index}/${digestOf(taskName)}.json`;
export const scoresObjectKey = (datasetId: string, scoreId: string): string =>
  `${platformPrefix(datasetId)}scores/${scoreId}.f64`;
const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** Platform bucket: learned embedding models. @param reference - `<name>/<version>` */
export const MODELS_PREFIX = 'models/';
export const modelFileKey = (reference: string): string => `${MODELS_PREFIX}${reference}/model.onnx`;
export const modelDescriptionKey = (reference: string): string => `${MODELS_PREFIX}${reference}/model.json`;

/** Exports bucket. */
export const EXPORT_FILE_NAMES: Record<ExportFormat, string> = {
  'label-studio': 'label-studio.json',
  'labelbox-v3': 'labelbox-v3.json',
  'labelbox-v4': 'labelbox-v4.json',
  sama: 'sama.json',
  filenames: 'filenames.txt',
  'filenames-train': 'filenames-train.txt',
  'filenames-validation': 'filenames-validation.txt',
  'filenames-test': 'filenames-test.txt',
  'filenames-and-read-urls': 'filenames-and-read-urls.json',
  coco: 'coco.json',
  csv: 'samples.csv',
};
export const MANIFEST_FILE_NAME = 'manifest.json';
export const exportObjectKey = (name: string, runId: string, fileName: string): string =>
  `${name}/${runId}/${fileName}`;
export const latestExportObjectKey = (name: string, fileName: string): string => `${name}/latest/${fileName}`;

/** Archive bucket. */
export const archiveObjectKey = (name: string, runId: string): string => `${name}/${runId}.zip`;
