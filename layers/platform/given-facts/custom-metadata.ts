import { InvalidInputError } from '#contracts/errors';
import { stemOf } from '#contracts/file-extension';
import { metadataFile, metadataSchemaFile } from '#contracts/lightly-files';
import type { MetadataConfiguration, ValueDataType } from '#contracts/metadata-configurations';
import { DEEPEST_NESTING, isNestedDeeperThan } from '#contracts/nesting';
import { ownEntry, valueAtPath } from '#contracts/own-entries';
import type { Sample } from '#contracts/samples';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { documentFolder, videoOfFrame } from '../datasources/listing/listed-files.ts';
import {
  existingDocuments,
  JSON_ENDING,
  type OnFilesRead,
  readDocument,
  readDocuments,
} from './document-files.ts';
import { ImageDocuments } from './image-documents.ts';
import { SkippedFiles } from './skipped-files.ts';

type Metadata = Readonly<Record<string, unknown>>;
type FieldConfig = Pick<MetadataConfiguration['configs'][number], 'path' | 'defaultValue' | 'valueDataType'>;

const FOLDER = documentFolder('metadata');
const SCHEMA_FILE = `${FOLDER}schema.json`;

export interface GivenMetadata {
  /** By file name; an image that nothing is known of has the defaults. */
  readonly metadata: ReadonlyMap<string, Metadata>;
  readonly warnings: readonly string[];
}

/**
 * Custom metadata of images: what the files below `.lightly/metadata/` say, over that what clients have said of samples,
 * and defaults for what neither has.
 *
 * @param configured fields as the dataset's metadata configuration has them; they take the place of those of the schema
 * @throws InvalidInputError where the schema or a configured path is not valid, or there are files and not one of them is
 */
export async function givenMetadata(
  {
    fileNames,
    samples,
    configured,
    onFilesRead,
  }: {
    readonly fileNames: readonly string[];
    readonly samples: readonly Sample[];
    readonly configured: readonly FieldConfig[];
    readonly onFilesRead?: OnFilesRead | undefined;
  },
  objects: ReadableDatasource,
): Promise<GivenMetadata> {
  const schema = await readDocument(objects, SCHEMA_FILE, metadataSchemaFile);
  const fields = [
    ...new Map([...(schema ?? []), ...configured].map((field) => [field.path, field])).values(),
  ];
  refuseDeepPaths(fields);
  const { inFiles, warnings } = await metadataInFiles(fileNames, fields, objects, onFilesRead);
  const posted = new Map(samples.map((sample) => [sample.fileName, postedMetadata(sample)]));
  const metadata = new Map<string, Metadata>();
  const ofNone = withDefaults({}, fields);
  for (const fileName of fileNames) {
    const known = { ...inFiles.get(fileName), ...posted.get(fileName) };
    metadata.set(fileName, Object.keys(known).length > 0 ? withDefaults(known, fields) : ofNone);
  }
  return { metadata, warnings };
}

/** Values are not looked at that deep either. */
function refuseDeepPaths(fields: readonly FieldConfig[]): void {
  const deep = fields.find(({ path }) => path.split('.').length > DEEPEST_NESTING);
  if (!deep) return;
  throw new InvalidInputError(
    `Metadata schema: path '${deep.path.slice(0, 60)}…' has more than ${DEEPEST_NESTING} names. Use a shorter one.`,
  );
}

const postedMetadata = ({ metaData, customMetaData }: Sample): Metadata => ({
  ...metaData?.custom,
  ...customMetaData,
});

async function metadataInFiles(
  fileNames: readonly string[],
  fields: readonly FieldConfig[],
  objects: ReadableDatasource,
  onFilesRead: OnFilesRead | undefined,
): Promise<{ inFiles: Map<string, Metadata>; warnings: readonly string[] }> {
  const documents = new ImageDocuments(FOLDER, fileNames);
  const videos = videoDocuments(fileNames);
  const found = await existingDocuments(objects, [...documents.names(), ...videos.keys()]);
  const files = found.filter(({ name }) => name !== SCHEMA_FILE);
  const ofVideo = new Map<string, Metadata>();
  const ofImage = new Map<string, Metadata>();
  const skipped = new SkippedFiles('metadata files');
  await readDocuments(objects, files, {
    schema: metadataFile,
    onFilesRead,
    skip: (file, reason) => skipped.noteInvalid(file, reason),
    take: (file, { file_name: fileName, type, metadata }) => {
      const isOfVideo = type === 'video';
      const images = isOfVideo ? (videos.get(file) ?? []) : documents.imagesOf(file, fileName);
      if (images.length === 0) return skipped.noteForeign(file, 'it is about no image of the run');
      const fault = faultOf(metadata, fields);
      if (fault !== undefined) return skipped.noteInvalid(file, fault);
      skipped.noteUsed();
      for (const image of images) (isOfVideo ? ofVideo : ofImage).set(image, metadata);
    },
  });
  const inFiles = new Map(fileNames.map((name) => [name, { ...ofVideo.get(name), ...ofImage.get(name) }]));
  return { inFiles, warnings: skipped.warnings() };
}

/** What is said of the video `a/c.mp4`, in `a/c.json`, is said of its frames `a/c-<number>-mp4.png` too. */
function videoDocuments(fileNames: readonly string[]): Map<string, string[]> {
  const frames = new Map<string, string[]>();
  for (const fileName of fileNames) {
    const video = videoOfFrame(stemOf(fileName));
    if (video === undefined) continue;
    const document = `${FOLDER}${stemOf(video)}${JSON_ENDING}`;
    const known = frames.get(document);
    if (known) known.push(fileName);
    else frames.set(document, [fileName]);
  }
  return frames;
}

function faultOf(metadata: Metadata, fields: readonly FieldConfig[]): string | undefined {
  if (isNestedDeeperThan(DEEPEST_NESTING, metadata)) {
    return `metadata: there are more than ${DEEPEST_NESTING} levels of lists and objects`;
  }
  for (const { path, valueDataType } of fields) {
    const value = valueAtPath(metadata, path);
    if (value !== undefined && value !== null && !IS_OF_TYPE[valueDataType](value)) {
      return `metadata.${path}: expected a value of type ${valueDataType}`;
    }
  }
  return undefined;
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';

const IS_OF_TYPE: Readonly<Record<ValueDataType, (value: unknown) => boolean>> = {
  NUMERIC_INT: Number.isInteger,
  NUMERIC_FLOAT: isNumber,
  CATEGORICAL_STRING: isText,
  CATEGORICAL_INT: Number.isInteger,
  CATEGORICAL_BOOLEAN: (value) => typeof value === 'boolean',
  CATEGORICAL_DATETIME: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  CATEGORICAL_TIMESTAMP: Number.isInteger,
  OTHER_STRING: isText,
};

/** Copies what it changes, each object once: there may be hundreds of fields, and hundreds of thousands of images. */
function withDefaults(metadata: Metadata, fields: readonly FieldConfig[]): Metadata {
  const isMissing = ({ path, defaultValue }: FieldConfig): boolean =>
    (defaultValue ?? null) !== null && (valueAtPath(metadata, path) ?? null) === null;
  const missing = fields.filter(isMissing);
  if (missing.length === 0) return metadata;
  const copies = new Set<object>();
  const copyOf = (record: Metadata): Record<string, unknown> => {
    if (copies.has(record)) return record;
    const copy = { ...record };
    copies.add(copy);
    return copy;
  };
  const filled = copyOf(metadata);
  for (const { path, defaultValue } of missing) setDefault(filled, path.split('.'), defaultValue, copyOf);
  return filled;
}

/** Leaves the record as it is where something that is no object is in the way. */
function setDefault(
  record: Record<string, unknown>,
  path: readonly string[],
  value: unknown,
  copyOf: (record: Metadata) => Record<string, unknown>,
): void {
  let parent = record;
  for (const name of path.slice(0, -1)) {
    const inner = ownEntry(parent, name) ?? {};
    if (typeof inner !== 'object' || Array.isArray(inner)) return;
    const copy = copyOf(inner as Metadata);
    define(parent, name, copy);
    parent = copy;
  }
  const last = path.at(-1) ?? '';
  if ((ownEntry(parent, last) ?? null) === null) define(parent, last, value);
}

/** Even `__proto__` is a property like any other. */
function define(record: object, name: string, value: unknown): void {
  Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
