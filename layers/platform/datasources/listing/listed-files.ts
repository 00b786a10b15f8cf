import { extensionOf, stemOf } from '#contracts/file-extension';
import { DEFAULT_EXTENSIONS } from '#contracts/input-settings';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import { isRelativePath } from '../paths.ts';
import { allFilesIn, type RelevantFiles, type RelevantPlace, relevantFilesOf } from './relevant-files.ts';

/** What is listed: the images and videos of INPUT, or the documents about them in LIGHTLY. */
export type ListingKind = 'samples' | 'metadata' | 'predictions';

/** Which files of a datasource a listing has. */
export interface ListedFiles {
  /** Below which all of them are. */
  readonly folder: string;
  /** By its name alone. */
  isListed(name: string): boolean;
  /** What is not listed and can be skipped as a whole, where the name is in such a folder. */
  skippedFolder(name: string): string | undefined;
}

const VIDEO_EXTENSIONS = ['mov', 'mp4', 'avi'];
const EXTENSIONS = new Set<string>([...DEFAULT_EXTENSIONS, ...VIDEO_EXTENSIONS]);

/** Images and videos. */
export const LISTED_SAMPLES: ListedFiles = {
  folder: '',
  isListed: (name) =>
    EXTENSIONS.has(extensionOf(name)) && !name.startsWith(RESERVED_FOLDER) && isRelativePath(name),
  skippedFolder: (name) => (name.startsWith(RESERVED_FOLDER) ? RESERVED_FOLDER : undefined),
};

/** Where the documents about images are, relative to LIGHTLY. @param taskName of predictions */
export const documentFolder = (kind: 'metadata' | 'predictions' | 'embeddings', taskName?: string): string =>
  `${RESERVED_FOLDER}${kind}/${taskName === undefined ? '' : `${taskName}/`}`;

/** The documents in a folder, without the schema that describes them. */
export const listedDocuments = (folder: string): ListedFiles => ({
  folder,
  isListed: (name) =>
    name.startsWith(folder) &&
    extensionOf(name) === 'json' &&
    name !== `${folder}schema.json` &&
    isRelativePath(name),
  skippedFolder: () => undefined,
});

/** What of these files is relevant, where only some samples are. @param samples as the list of relevant files has them */
export function relevantAmong({ folder }: ListedFiles, samples: RelevantFiles | undefined): RelevantFiles {
  if (!samples) return allFilesIn(folder);
  return folder === '' ? samples : documentsOf(samples, folder);
}

/**
 * The documents about relevant samples: that of `a/b.jpg` is `a/b.json`, and those of the frames of the video `a/c.mp4`
 * are `a/c-<number>-mp4.json`.
 */
function documentsOf(samples: RelevantFiles, folder: string): RelevantFiles {
  const names = new Set<string>();
  const prefixes: { prefix: string; isOut: (name: string) => boolean }[] = [];
  const isOut = (name: string): boolean => !isAboutRelevant(name.slice(folder.length), samples);
  for (const place of samples.places) {
    if (!place.isPrefix) names.add(`${folder}${stemOf(place.start)}.json`);
    const prefix = prefixAround(place);
    if (prefix !== undefined) prefixes.push({ prefix: folder + prefix, isOut });
  }
  return relevantFilesOf(names, prefixes);
}

/** What the names of documents about samples in this place begin with, where there is more than one. */
function prefixAround({ start, isPrefix }: RelevantPlace): string | undefined {
  if (isPrefix) return stemOf(start);
  return VIDEO_EXTENSIONS.includes(extensionOf(start)) ? `${stemOf(start)}-` : undefined;
}

const CASES = [...EXTENSIONS, ...[...EXTENSIONS].map((extension) => extension.toUpperCase())];

function isAboutRelevant(document: string, samples: RelevantFiles): boolean {
  const stem = stemOf(document);
  if (CASES.some((extension) => samples.isRelevant(`${stem}.${extension}`))) return true;
  const video = videoOfFrame(stem);
  return video !== undefined && samples.isRelevant(video);
}

/** `a/c-0012-mp4` is a frame of `a/c.mp4`. */
export function videoOfFrame(stem: string): string | undefined {
  const [extension = '', number = '', ...rest] = stem.split('-').reverse();
  if (!VIDEO_EXTENSIONS.includes(extension) || !/^\d+$/.test(number) || rest.length === 0) return undefined;
  return `${rest.reverse().join('-')}.${extension}`;
}
