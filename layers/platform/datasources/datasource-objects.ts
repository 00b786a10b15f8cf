import type { Readable } from 'node:stream';
import type { Datasource } from './datasources.ts';

/** A file of a datasource, as a listing tells of it. */
export interface DatasourceFile {
  /** Relative to the datasource. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** ms */
  readonly lastModified: number;
  /** Changes with the content. Without quotes. */
  readonly eTag: string;
  /** It has to be restored from an archive storage class before it can be read. */
  readonly isArchived?: true;
}

/** A file as a request for it tells of it. */
export interface DescribedFile extends DatasourceFile {
  readonly versionId?: string;
  /** User metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** How many tags it has, where the store tells. */
  readonly tagCount: number;
  /** When the rules of its bucket delete it (ms), where one does. */
  readonly expiresAt?: number;
}

export interface FilePage {
  readonly files: readonly DatasourceFile[];
  /** True where nothing comes after these. */
  readonly isLast: boolean;
}

/** Which file is meant: the newest of that name, unless told otherwise. */
export interface FileVersion {
  readonly versionId?: string | undefined;
  /** Only while the file is this one. */
  readonly eTag?: string | undefined;
}

/**
 * The files of one datasource, to be read. Names are relative to it, and their order is that of their UTF-8 bytes.
 *
 * What the owner of a datasource has to put right (a missing permission, a wrong key, region or bucket) is thrown as a
 * DatasourceError that says what was refused and what to do; what may pass, as a RetryableError; a file in an archive
 * storage class as a RejectedError with the code ARCHIVED.
 */
export interface ReadableDatasource {
  /** Files whose names begin with `prefix` and come after `after`, up to `limit` (at most 1,000). */
  list(request: {
    readonly prefix: string;
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<FilePage>;
  /** Undefined where there is none, or no such version. */
  head(name: string, version?: FileVersion): Promise<DescribedFile | undefined>;
  /**
   * The content, or its first `bytes`. Undefined where there is none, or no such version. It must be read or destroyed.
   *
   * With `isAbsent`, the caller knows that there is none, and asks whether it might be read: a store that tells nobody of
   * absence but whom it lets list throws a DatasourceError then, UNTRIED where what it says has either reason.
   */
  open(
    name: string,
    options?: FileVersion & { readonly bytes?: number | undefined; readonly isAbsent?: true },
  ): Promise<(DescribedFile & { readonly body: Readable }) | undefined>;
  /** The tags of a file; undefined where it is gone, or the store has no tags. */
  tags(name: string, version?: FileVersion): Promise<Readonly<Record<string, string>> | undefined>;
  /** A URL that reads one file, which need not exist. It works for at most `seconds`. */
  signRead(method: 'GET' | 'HEAD', name: string, seconds: number, version?: FileVersion): Promise<string>;
}

/** The files of one datasource, to be written too. Only a datasource that is used as LIGHTLY is opened as one. */
export interface WritableDatasource extends ReadableDatasource {
  put(name: string, body: Uint8Array | string, options: PutOptions): Promise<void>;
  /** False, and nothing written, where there is such a file. */
  putIfAbsent(name: string, body: Uint8Array | string, options: PutOptions): Promise<boolean>;
  /** Does nothing where there is none. */
  delete(name: string): Promise<void>;
  /** A URL that one file can be put to, for at most `seconds`. */
  signWrite(name: string, seconds: number): Promise<string>;
}

export interface PutOptions {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Access to datasources. */
export interface DatasourceConnections {
  /**
   * Opens a datasource: for reading where its use is INPUT, and for writing too where it is LIGHTLY.
   * @throws DatasourceError where its credentials are refused
   */
  open(datasource: Datasource & { readonly use: 'LIGHTLY' }): Promise<WritableDatasource>;
  open(datasource: Datasource): Promise<ReadableDatasource>;
}
