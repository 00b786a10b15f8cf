import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import type { BucketPrefix } from '#contracts/items';
import { parseJsonWith } from '#contracts/schema';
import type { DatasourceFile } from '../datasources/datasource-objects.ts';

/*
 * Reports of S3 Inventory: a folder for each day with a manifest, which names files of CSV. Rows are in no order.
 * Source: Amazon S3 User Guide, "Locating your inventory list".
 */

/** Reports older than this (ms) tell too little of what there is. */
export const OLDEST_REPORT_MS = 7 * 24 * 60 * 60_000;

const manifest = z.looseObject({
  sourceBucket: z.string(),
  fileFormat: z.string(),
  fileSchema: z.string(),
  files: z.array(z.looseObject({ key: z.string(), size: z.int().nonnegative().default(0) })),
});

/** What a manifest says, as far as it matters. */
export interface InventoryManifest {
  readonly sourceBucket: string;
  /** Keys in the bucket of the report; size in bytes, 0 where it is not told. */
  readonly files: readonly { readonly key: string; readonly size: number }[];
  /** Names of the columns, in lower case. */
  readonly columns: readonly string[];
}

/** Where each of them has come to is kept in one item of the table. */
const MOST_FILES = 2_000;

const NEEDED_COLUMNS = ['bucket', 'key', 'size', 'lastmodifieddate', 'etag'];

/** @throws InvalidInputError that says what to change in the configuration of the inventory */
export function parseManifest(text: string): InventoryManifest {
  const { sourceBucket, fileFormat, fileSchema, files } = parseJsonWith(manifest, text, 'Inventory manifest');
  if (fileFormat !== 'CSV') {
    throw new InvalidInputError(
      `The inventory is in the format ${fileFormat.slice(0, 20)}, and only CSV is read. Set its format to CSV.`,
    );
  }
  const columns = fileSchema.split(',').map((name) => name.trim().toLowerCase());
  const missing = NEEDED_COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new InvalidInputError(
      `The inventory has no ${missing.join(', ')}. Add size, last modified date and ETag to its fields.`,
    );
  }
  if (files.length > MOST_FILES) {
    throw new InvalidInputError(
      `The inventory has ${files.length} files, and at most ${MOST_FILES} are read.`,
    );
  }
  return { sourceBucket, columns, files: files.map(({ key, size }) => ({ key, size })) };
}

/** `2026-11-20T01-00Z/manifest.json`, which sorts by time. */
const MANIFEST = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)Z\/manifest\.json$/;

/** Comes before all manifests of that time. @param at ms */
export const reportsAfter = (at: number): string => new Date(at).toISOString().slice(0, 16).replace(':', '-');

export const isManifest = (name: string): boolean => MANIFEST.test(name);

/** Storage classes whose objects have to be restored before they can be read. */
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * The object that a row tells of; undefined where it is no current version, or is not in the place.
 * @throws InvalidInputError for what is no row
 */
export function fileOfRow(
  cells: readonly string[],
  { columns }: InventoryManifest,
  { prefix }: BucketPrefix,
): DatasourceFile | undefined {
  const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
  if (cell('islatest') === 'false' || cell('isdeletemarker') === 'true') return undefined;
  const key = decodedKey(cell('key'));
  if (!key.startsWith(prefix) || key === prefix) return undefined;
  const lastModified = Date.parse(cell('lastmodifieddate'));
  const size = Number(cell('size'));
  if (!Number.isSafeInteger(size) || Number.isNaN(lastModified)) {
    throw new InvalidInputError('A row of the inventory has no size or no time. Is its CSV that of S3?');
  }
  return {
    ...{ name: key.slice(prefix.length), size, lastModified, eTag: cell('etag').replaceAll('"', '') },
    ...(ARCHIVES.has(cell('storageclass')) && { isArchived: true }),
  };
}

/** Keys are URL-encoded, with a `+` for a space. */
function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    throw new InvalidInputError('A key of the inventory is not URL-encoded.', { cause });
  }
}
