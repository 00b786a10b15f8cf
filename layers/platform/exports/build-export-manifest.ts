import type { ExportManifest } from '#contracts/export-manifest';
import type { ExportRecord } from '#contracts/export-record';
import type { ObjectId } from '#contracts/schema';
import type { ReadUrlKind } from '#contracts/settings';

export interface ExportedRun {
  readonly datasetName: string;
  readonly runId: ObjectId;
  readonly tagName: string;
  /** ms */
  readonly completedAt: number;
  readonly readUrls: ReadUrlKind;
  readonly readUrlExpirySeconds: number;
}

/** The manifest of a run from the records of its files; the same records give the same manifest. */
export function buildExportManifest(run: ExportedRun, records: readonly ExportRecord[]): ExportManifest {
  const files = records
    .toSorted((a, b) => (a.format < b.format ? -1 : 1))
    .map(({ format, fileName, rows, bytes, sha256, readUrlsExpireAt }) => ({
      format,
      file: fileName,
      rows,
      bytes,
      sha256,
      ...(readUrlsExpireAt !== undefined && { readUrlsExpireAt: isoTime(readUrlsExpireAt) }),
    }));
  const readUrls = readUrlsOf(run, records);
  const noLongerAvailable = noLongerAvailableIn(records);
  return {
    dataset: run.datasetName,
    runId: run.runId,
    tag: run.tagName,
    created: isoTime(run.completedAt),
    files,
    ...(noLongerAvailable && { noLongerAvailable }),
    ...(readUrls && { readUrls }),
  };
}

/** Files that were written later may lack more. */
function noLongerAvailableIn(records: readonly ExportRecord[]): ExportManifest['noLongerAvailable'] {
  const [most] = records
    .flatMap(({ noLongerAvailable }) => noLongerAvailable ?? [])
    .toSorted((a, b) => b.count - a.count);
  return most && { count: most.count, archived: most.archived, files: most.fileNames };
}

/** Of why URLs are not signed though they were to be. */
const LENT =
  'The images are read with a role that is lent. What is signed with its session ends within the hour, so these URLs lead ' +
  'through the API, which signs anew at each visit.';

function readUrlsOf(
  { completedAt, readUrls, readUrlExpirySeconds }: ExportedRun,
  records: readonly ExportRecord[],
): ExportManifest['readUrls'] {
  const signed = records.flatMap(({ readUrls: kind = readUrls, readUrlsSignedAt, readUrlsExpireAt }) =>
    readUrlsExpireAt === undefined
      ? []
      : { kind, signedAt: readUrlsSignedAt ?? completedAt, expireAt: readUrlsExpireAt },
  );
  const first = signed.toSorted((a, b) => a.expireAt - b.expireAt)[0];
  if (!first) return undefined;
  const { kind, signedAt, expireAt } = first;
  const asConfigured = signedAt + readUrlExpirySeconds * 1000;
  return {
    kind,
    ...(kind !== readUrls && { reason: LENT }),
    signedAt: isoTime(signedAt),
    expireAt: isoTime(expireAt),
    limitedBy: expireAt < asConfigured ? 'credentials' : 'setting',
  };
}

const isoTime = (at: number): string => new Date(at).toISOString();
