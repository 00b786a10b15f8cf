import type { DatasourceFile, ReadableDatasource } from '../datasource-objects.ts';
import { afterAllWith, byUtf8Bytes, type NameRange } from '../name-order.ts';
import type { ListedFiles } from './listed-files.ts';
import type { NewAtByName } from './new-at.ts';
import { endOf, type RelevantFiles, type RelevantPlace } from './relevant-files.ts';

/** Files of a page; S3 lists as many at a time. */
const MOST_FILES_PER_PAGE = 1000;
/** A page ends after so many requests to S3, or so long, also where few of the files are listed. */
const MOST_REQUESTS_PER_PAGE = 20;
const LONGEST_PAGE_MS = 8_000;
/** Single files that are looked up at a time. */
const FILES_AT_ONCE = 32;

export interface FilesInScope {
  readonly listed: ListedFiles;
  readonly relevant: RelevantFiles;
  /** Unix seconds, both inclusive, of when a file counts as new. */
  readonly from: number;
  readonly to: number;
  /** When files count as new; @default when they were modified. */
  readonly newAt?: NewAtByName | undefined;
  /** Files this old (ms) belong to a dataset that was deleted. */
  readonly leftUntil?: number | undefined;
}

export interface ListedPage {
  readonly names: readonly string[];
  /** Where the next page goes on after; undefined where there is none. A page may be empty and not the last. */
  readonly next: string | undefined;
}

/** A page of the files in scope whose names are in the range, in their order. */
export async function listFiles(
  objects: ReadableDatasource,
  scope: FilesInScope,
  { after, until }: NameRange,
  now: () => number,
): Promise<ListedPage> {
  const names: string[] = [];
  const end = now() + LONGEST_PAGE_MS;
  let position = after ?? '';
  for (let requests = 0; requests < MOST_REQUESTS_PER_PAGE && now() < end; requests++) {
    if (names.length >= MOST_FILES_PER_PAGE) break;
    const [place, ...others] = placesAfter(scope.relevant.places, position, until);
    if (!place) return { names, next: undefined };
    const room = MOST_FILES_PER_PAGE - names.length;
    const step = place.isPrefix
      ? await listPrefix(objects, scope, { place, position, until, room, isTimeUp: () => now() >= end })
      : await lookUp(objects, scope, [place, ...others].slice(0, Math.min(room, FILES_AT_ONCE)));
    names.push(...step.names);
    position = step.position;
  }
  return { names, next: position };
}

interface Step {
  readonly names: readonly string[];
  /** Everything up to here has been seen. */
  readonly position: string;
}

/** The places that have names after `position` and up to `until`; single files and no prefix after the first one. */
function placesAfter(
  places: readonly RelevantPlace[],
  position: string,
  until: string | undefined,
): RelevantPlace[] {
  const first = firstEndingAfter(places, position);
  const found: RelevantPlace[] = [];
  for (const place of places.slice(first, first + FILES_AT_ONCE)) {
    if (until !== undefined && byUtf8Bytes(place.start, until) > 0) break;
    if (found.length > 0 && place.isPrefix) break;
    found.push(place);
  }
  return found;
}

function firstEndingAfter(places: readonly RelevantPlace[], position: string): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const place = places[middle];
    if (place && byUtf8Bytes(endOf(place), position) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function listPrefix(
  objects: ReadableDatasource,
  scope: FilesInScope,
  at: {
    readonly place: RelevantPlace;
    readonly position: string;
    readonly until: string | undefined;
    readonly room: number;
    readonly isTimeUp: () => boolean;
  },
): Promise<Step> {
  const { place, until, room } = at;
  const after = at.position === '' ? undefined : at.position;
  const { files, isLast } = await objects.list({ prefix: place.start, after, limit: room });
  const found: DatasourceFile[] = [];
  const upTo = async (position: string): Promise<Step> => ({
    names: namesOf(await inTime(found, scope)),
    position,
  });
  let position = at.position;
  for (const file of files) {
    if (until !== undefined && byUtf8Bytes(file.name, until) > 0) return upTo(endOf(place));
    const skipped = scope.listed.skippedFolder(file.name);
    if (skipped !== undefined) return upTo(afterAllWith(skipped));
    if (isInScope(file, scope)) found.push(file);
    position = file.name;
    // Patterns of relevant files can make a single name take long.
    if (at.isTimeUp()) return upTo(position);
  }
  return upTo(isLast || files.length === 0 ? endOf(place) : position);
}

async function lookUp(
  objects: ReadableDatasource,
  scope: FilesInScope,
  places: readonly RelevantPlace[],
): Promise<Step> {
  const wanted = places.filter(({ start, isPrefix }) => !isPrefix && scope.listed.isListed(start));
  const found = await Promise.all(wanted.map(({ start }) => objects.head(start)));
  const files = found.filter((file) => file !== undefined).filter((file) => isInScope(file, scope));
  return { names: namesOf(await inTime(files, scope)), position: places.at(-1)?.start ?? '' };
}

const namesOf = (files: readonly DatasourceFile[]): string[] => files.map(({ name }) => name);

/** By everything but time. */
function isInScope(
  file: DatasourceFile,
  { listed, relevant, leftUntil = -1 }: Pick<FilesInScope, 'listed' | 'relevant' | 'leftUntil'>,
): boolean {
  return file.lastModified > leftUntil && listed.isListed(file.name) && relevant.isRelevant(file.name);
}

/** Those that count as new within the range of time. */
async function inTime(
  files: readonly DatasourceFile[],
  { from, to, newAt }: FilesInScope,
): Promise<readonly DatasourceFile[]> {
  const times = files.length > 0 ? await newAt?.(files) : undefined;
  return files.filter((file) => {
    const at = times ? times.get(file.name) : file.lastModified;
    if (at === undefined) return false;
    const seconds = Math.floor(at / 1000);
    return seconds >= from && seconds <= to;
  });
}
