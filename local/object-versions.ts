import { randomBytes } from 'node:crypto';
import type { S3Store } from './fauxqs-parts.ts';

export type VersionedObject = ReturnType<S3Store['putObject']>;

/** An earlier version of an object, or, without one, a delete marker. */
export interface EarlierVersion {
  readonly versionId: string;
  readonly object: VersionedObject | undefined;
}

/** What objects that were written before their bucket had versions have for one. */
export const NO_VERSION = 'null';

/** As random as those of S3. */
export const newVersionId = (): string => randomBytes(24).toString('base64url');

/**
 * The versions of objects that are not the current ones, newest last. They are held in memory and gone with the
 * process: only buckets outside the stack have versions here.
 */
export interface EarlierVersions {
  readonly keep: (bucket: string, key: string, version: EarlierVersion) => void;
  readonly find: (bucket: string, key: string, versionId: string) => EarlierVersion | undefined;
  readonly newest: (bucket: string, key: string) => EarlierVersion | undefined;
  /** Does nothing where there is none. */
  readonly remove: (bucket: string, key: string, versionId: string) => void;
}

export function createEarlierVersions(): EarlierVersions {
  const kept = new Map<string, EarlierVersion[]>();
  const of = (bucket: string, key: string) => kept.get(`${bucket}/${key}`) ?? [];
  return {
    keep: (bucket, key, version) => {
      kept.set(`${bucket}/${key}`, [...of(bucket, key), version]);
    },
    find: (bucket, key, versionId) => of(bucket, key).find((version) => version.versionId === versionId),
    newest: (bucket, key) => of(bucket, key).at(-1),
    remove: (bucket, key, versionId) => {
      kept.set(
        `${bucket}/${key}`,
        of(bucket, key).filter((version) => version.versionId !== versionId),
      );
    },
  };
}
