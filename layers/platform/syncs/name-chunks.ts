import { createHash } from 'node:crypto';
import type { DatasourceFile } from '../datasources/datasource-objects.ts';
import type { SkipReason } from '../datasources/input/input-filter.ts';

/** Why a listed object is not looked at: a filter says so, or it belonged to a dataset that was deleted. */
export type LeftOutBecause = SkipReason | 'left-behind';

/** A listed object, and whether it is an image of the dataset. */
export interface JudgedFile extends DatasourceFile {
  readonly skipped?: LeftOutBecause;
}

/** A run of names of a listing, and the range that it stands for. */
export interface NameChunk {
  /** The range begins after this name; undefined: with the first. */
  readonly after: string | undefined;
  /** The last name of the range; undefined: there is no last. */
  readonly until: string | undefined;
  readonly files: readonly JudgedFile[];
  /** The same for the same range of the same place with the same objects in it. */
  readonly digest: string;
}

export interface ChunkCutter {
  /** @returns the chunk that the file ends, where it ends one */
  add(file: JudgedFile): NameChunk | undefined;
  /** The rest, up to the end of the range that is listed; undefined where nothing is left of it. */
  end(until: string | undefined): NameChunk | undefined;
}

/** A name ends a chunk where so many bits of its hash are zero: one in 512. */
const ZERO_BITS = 9;
const MOST_FILES = 4_096;

/**
 * Cuts a listing into chunks. Where one ends depends on names alone, so that an object which is added or removed changes
 * the chunk that it is in and no other.
 *
 * @param place names what is listed
 * @param after the name that the listing begins after
 */
export function chunkCutter(place: string, after: string | undefined): ChunkCutter {
  let start = after;
  let files: JudgedFile[] = [];
  let hash = beginning(place, start);
  const cut = (until: string | undefined): NameChunk => {
    hash.update(JSON.stringify([until ?? null]));
    const chunk = { after: start, until, files, digest: hash.digest('base64').slice(0, DIGEST_LENGTH) };
    start = until;
    files = [];
    hash = beginning(place, start);
    return chunk;
  };
  return {
    add: (file) => {
      files.push(file);
      hash.update(described(file));
      return files.length === MOST_FILES || endsChunk(file.name) ? cut(file.name) : undefined;
    },
    end: (until) => (files.length === 0 && until !== undefined && until === start ? undefined : cut(until)),
  };
}

/** 132 bits: no two chunks of one dataset have the same by chance. */
const DIGEST_LENGTH = 22;
const beginning = (place: string, after: string | undefined) =>
  createHash('sha256').update(JSON.stringify([place, after ?? null]));

/** Of what is left out it does not matter what it is, but for that it is there. */
const described = ({ name, skipped, eTag, size, lastModified, isArchived }: JudgedFile): string =>
  JSON.stringify(
    skipped === undefined ? [name, eTag, size, lastModified, isArchived === true] : [name, skipped],
  );

/** FNV-1a, with the bits mixed in the end: names that differ in their last characters only are spread too. */
function endsChunk(name: string): boolean {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & ((1 << ZERO_BITS) - 1)) === 0;
}
