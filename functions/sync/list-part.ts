import { RetryableError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { SyncPart } from '#contracts/syncs';
import type { DatasourceFile, ReadableDatasource } from '#platform/datasources/datasource-objects';
import { leftByOthersUntil } from '#platform/datasources/datasources';
import { inputRules, judgeObject } from '#platform/datasources/input-filter';
import { afterAllWith, byUtf8Bytes } from '#platform/datasources/name-order';
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
  const start = part.position ?? part.after;
  const cutter = chunkCutter(work.begun.place, start);
  const judge = judgeOf(work, deps);
  const { prefix = '' } = work.begun.scope;
  let after = start;
  for (let isLast = false; !isLast; ) {
    if (!(await work.goesOn())) return;
    const page = await objects.list({ prefix, after, limit: PAGE });
    const chunks: NameChunk[] = [];
    ({ isLast } = page);
    if (page.files.length === 0 && !isLast) {
      throw new RetryableError('EMPTY_PAGE', 'A page of a listing is empty and not the last.');
    }
    for (const file of page.files) {
      if (after !== undefined && byUtf8Bytes(file.name, after) <= 0) continue;
      if (part.until !== undefined && byUtf8Bytes(file.name, part.until) > 0) {
        isLast = true;
        break;
      }
      after = file.name;
      if (file.name.startsWith(RESERVED_FOLDER)) {
        // Nothing in there is an image, and there may be as many of them.
        after = afterAllWith(RESERVED_FOLDER);
        continue;
      }
      work.tally.newest.add(file);
      const chunk = cutter.add(judge(file));
      if (chunk) chunks.push(chunk);
    }
    const rest = isLast ? cutter.end(part.until) : undefined;
    if (!(await settle(index, rest ? [...chunks, rest] : chunks))) return;
  }
  work.tally.advance(index, { isDone: true });
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
