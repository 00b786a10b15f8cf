import { RetryableError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { SyncPart } from '#contracts/syncs';
import type { DatasourceFile, FilePage, ReadableDatasource } from '#platform/datasources/datasource-objects';
import { leftByOthersUntil } from '#platform/datasources/datasources';
import { inputRules, judgeObject } from '#platform/datasources/input/input-filter';
import { afterAllWith, byUtf8Bytes } from '#platform/datasources/name-order';
import { LONGEST_PATH_BYTES } from '#platform/objects/relative-path';
import { chunkCutter, type JudgedFile, type NameChunk } from '#platform/syncs/name-chunks';
import type { SyncDeps } from './sync-deps.ts';
import type { SyncWork } from './sync-work.ts';

/** What a listing request answers at most. */
const PAGE = 1_000;

/** Works on chunks of a part that follow each other. False where it does not go on now. */
export type SettleChunks = (index: number, chunks: readonly NameChunk[]) => Promise<boolean>;

/**
 * Lists one part from where it has come to, page by page, and hands over the chunks of each page. Objects that appear in
 * two pages count once.
 */
export async function listPart(
  index: number,
  part: SyncPart,
  objects: ReadableDatasource,
  settle: SettleChunks,
  work: SyncWork,
  deps: SyncDeps,
): Promise<void> {
  const cutter = chunkCutter(work.begun.placeDigest, part.position ?? part.after);
  const judge = judgeOf(work, deps);
  const { prefix = '' } = work.begun.scope;
  let after = part.position ?? part.after;
  for (let isLast = false; !isLast; ) {
    if (!(await work.goesOn())) return;
    const page = wantedOf(await objects.list({ prefix, after, limit: PAGE }), after, part.until);
    if (page.after === after && !page.isLast) {
      throw new RetryableError('EMPTY_PAGE', 'A page of a listing has nothing new and is not the last.');
    }
    const chunks = page.files.flatMap((file) => cutter.add(judge(file)) ?? []);
    for (const file of page.files) work.tally.newest.add(file);
    ({ after, isLast } = page);
    const rest = isLast ? cutter.end(part.until) : undefined;
    if (!(await settle(index, rest ? [...chunks, rest] : chunks))) return;
  }
  work.tally.advance(index, { isDone: true });
}

/** A server may tell of names that S3 would not take: the table takes none of them either, not even as the end of a range. */
const isTooLong = (name: string): boolean => Buffer.byteLength(name) > LONGEST_PATH_BYTES;

/** What of a page is new and in the range, and after which name the next one begins. */
function wantedOf(page: FilePage, start: string | undefined, until: string | undefined): WantedPage {
  const files: DatasourceFile[] = [];
  let after = start;
  for (const file of page.files) {
    if (after !== undefined && byUtf8Bytes(file.name, after) <= 0) continue;
    if (until !== undefined && byUtf8Bytes(file.name, until) > 0) return { files, after, isLast: true };
    const isReserved = file.name.startsWith(RESERVED_FOLDER);
    if (!isReserved && !isTooLong(file.name)) files.push(file);
    // Nothing in there is an image, and there may be as many of them.
    after = isReserved ? afterAllWith(RESERVED_FOLDER) : file.name;
  }
  return { files, after, isLast: page.isLast };
}

interface WantedPage extends FilePage {
  readonly after: string | undefined;
}

/** Whether a listed object is an image of the dataset. */
export function judgeOf(
  { dataset, datasource }: SyncWork,
  { now }: SyncDeps,
): (file: DatasourceFile) => JudgedFile {
  const rules = inputRules(dataset.settings.input, datasource);
  const leftUntil = leftByOthersUntil(dataset, datasource) ?? -1;
  return (file) => {
    if (file.lastModified <= leftUntil) return { ...file, skipped: 'left-behind' };
    const judged = judgeObject(file, rules, now());
    return judged === 'taken' ? file : { ...file, skipped: judged.skipped };
  };
}
