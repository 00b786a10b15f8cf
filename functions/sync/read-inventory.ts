import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { InvalidInputError } from '#contracts/errors';
import type { SyncPart } from '#contracts/syncs';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import { s3LocationOf } from '#platform/datasources/location';
import { derivedObjectId } from '#platform/derived-id';
import {
  fileOfRow,
  type InventoryManifest,
  isManifest,
  OLDEST_REPORT_MS,
  parseManifest,
  reportsAfter,
} from '#platform/syncs/inventory';
import { newPart } from '#platform/syncs/sync-parts';
import { compareFiles } from './compare-files.ts';
import { judgeOf } from './list-part.ts';
import type { SyncDeps } from './sync-deps.ts';
import type { SyncWork } from './sync-work.ts';

/** Bytes of a row. A key has up to 1,024, each of which may be three; what is much longer is no row, and may have no end. */
const LONGEST_ROW = 16 * 1024;
/** Rows that are compared at a time. */
const AT_A_TIME = 1_000;

/**
 * Compares the newest report of S3 Inventory with the registry, file by file. What is gone is not told by it, for it is a
 * day old.
 *
 * @throws InvalidInputError where there is no report that can be read
 */
export async function readInventory(work: SyncWork, deps: SyncDeps): Promise<void> {
  checkRights(work);
  const place = s3LocationOf(work.dataset.settings.input.inventory ?? '');
  const id = derivedObjectId('inventory', work.datasource.id);
  const reports = await deps.datasourceConnections.open({ ...work.datasource, id, place });
  const report = work.begun.report ?? (await newestManifest(reports, deps.now()));
  const manifest = await manifestIn(reports, report);
  const { bucket } = work.datasource.place;
  if (manifest.sourceBucket !== bucket && manifest.sourceBucket !== work.dataset.settings.input.eventBucket) {
    throw new InvalidInputError(
      `The inventory is of another bucket than '${bucket}'. Correct input.inventory.`,
    );
  }
  work.readsReport(report);
  if (work.tally.parts().length === 0) work.tally.divide(manifest.files.map(partOf));
  for (const [index, { position, isDone }] of work.tally.parts().entries()) {
    if (isDone) continue;
    const name = nameOf(manifest.files[index]?.key ?? '', place.prefix);
    const reading = { index, rowsDone: Number(position ?? 0), manifest, work, deps };
    if (!(await readFile(reports, name, reading))) return;
    work.tally.advance(index, { isDone: true });
  }
}

const partOf = ({ size }: InventoryManifest['files'][number]): SyncPart => ({
  ...newPart({}),
  bytes: { all: size, read: 0 },
});

/** Whoever names a report must not have it read with Winnow's own rights, which reach what is others'. */
function checkRights({ datasource: { config } }: SyncWork): void {
  if (config.type === 'S3' || config.type === 'S3DelegatedAccess') return;
  throw new InvalidInputError(
    'Reports of S3 Inventory are read with what an INPUT datasource in S3 is read with, and the dataset has none. ' +
      'Remove input.inventory.',
  );
}

interface Reading {
  /** Of the file, and of the part. */
  readonly index: number;
  readonly rowsDone: number;
  readonly manifest: InventoryManifest;
  readonly work: SyncWork;
  readonly deps: SyncDeps;
}

/** False where it does not go on now. */
async function readFile(reports: ReadableDatasource, name: string, reading: Reading): Promise<boolean> {
  const opened = await reports.open(name);
  if (!opened) throw new InvalidInputError(`The file '${name}' of the inventory is gone.`);
  const parser = parse({ relax_column_count: true, max_record_size: LONGEST_ROW });
  let bytesRead = 0;
  const counted = async function* (body: AsyncIterable<Buffer>) {
    for await (const bytes of body) {
      bytesRead += bytes.length;
      yield bytes;
    }
  };
  let goesOn = true;
  await pipeline(opened.body, counted, createGunzip(), parser, async (rows: AsyncIterable<string[]>) => {
    goesOn = await compareRows(rows, () => bytesRead, reading);
  }).catch((cause: unknown) => {
    // Rows that are not read any more.
    if (goesOn) throw unreadable(name, cause);
  });
  return goesOn;
}

/** @param bytesRead how many of the file's are read by now */
async function compareRows(
  rows: AsyncIterable<string[]>,
  bytesRead: () => number,
  { index, rowsDone, manifest, work, deps }: Reading,
): Promise<boolean> {
  const { all = 0 } = work.tally.parts()[index]?.bytes ?? {};
  const judge = judgeOf(work, deps);
  let count = 0;
  let batch: ReturnType<typeof judge>[] = [];
  const compare = async () => {
    const requested = await compareFiles(batch, work, deps);
    const chunk = { after: undefined, until: String(count), files: batch, digest: '' };
    work.tally.commit(index, chunk, { requested, isInOrder: false });
    work.tally.advance(index, { bytes: { all, read: Math.min(bytesRead(), all) } });
    batch = [];
    return work.goesOn();
  };
  for await (const cells of rows) {
    count += 1;
    if (count <= rowsDone) continue;
    const file = fileOfRow(cells, manifest, work.datasource.place);
    if (!file) continue;
    work.tally.newest.add(file);
    batch.push(judge(file));
    if (batch.length === AT_A_TIME && !(await compare())) return false;
  }
  return compare();
}

const unreadable = (name: string, cause: unknown): unknown =>
  isUnreadable(cause)
    ? new InvalidInputError(`The file '${name}' of the inventory is no gzipped CSV.`, { cause })
    : cause;

const isUnreadable = (cause: unknown): boolean =>
  /^(Z_|CSV_)/.test(String((cause as { readonly code?: unknown } | undefined)?.code));

async function newestManifest(reports: ReadableDatasource, now: number): Promise<string> {
  const after = reportsAfter(now - OLDEST_REPORT_MS);
  const { files } = await reports.list({ prefix: '', after, limit: 1_000 });
  const newest = files.findLast(({ name }) => isManifest(name));
  if (newest) return newest.name;
  throw new InvalidInputError('The inventory has no report of the last seven days. Correct input.inventory.');
}

/** A manifest with the names of thousands of files. */
const MOST_MANIFEST_BYTES = 20 * 1024 * 1024;

async function manifestIn(reports: ReadableDatasource, name: string): Promise<InventoryManifest> {
  const opened = await reports.open(name, { bytes: MOST_MANIFEST_BYTES });
  if (!opened) throw new InvalidInputError(`The report '${name}' of the inventory is gone.`);
  return parseManifest(Buffer.concat(await opened.body.toArray()).toString());
}

function nameOf(key: string, prefix: string): string {
  if (key.startsWith(prefix)) return key.slice(prefix.length);
  throw new InvalidInputError('The inventory names files outside its folder. Correct input.inventory.');
}
