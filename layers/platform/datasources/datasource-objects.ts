import type { Readable } from 'node:stream';
import type { Datasource } from './datasources.ts';

/** A file of a datasource. */
export interface DatasourceFile {
  /** Relative to the datasource. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** ms */
  readonly lastModified: number;
}

export interface FilePage {
  readonly files: readonly DatasourceFile[];
  /** True where nothing comes after these. */
  readonly isLast: boolean;
}

/**
 * The files of one datasource. Names are relative to it, and their order is that of their UTF-8 bytes.
 *
 * What the owner of a bucket has to put right (a missing permission, a wrong key, region or bucket) is thrown as an
 * InvalidInputError that says what was refused and what to do; what may pass, as a RetryableError.
 */
export interface DatasourceObjects {
  /** Files whose names begin with `prefix` and come after `after`, up to `limit` (at most 1,000). */
  list(request: {
    readonly prefix: string;
    readonly after: string | undefined;
    readonly limit: number;
  }): Promise<FilePage>;
  /** Undefined where there is none. */
  head(name: string): Promise<DatasourceFile | undefined>;
  /** The content, or its first `bytes`. Undefined where there is none. It must be read or destroyed. */
  open(name: string, bytes?: number): Promise<Readable | undefined>;
  put(name: string, body: Uint8Array | string, contentType: string): Promise<void>;
  /** Does nothing where there is none. */
  delete(name: string): Promise<void>;
  /** A URL for one method on one file, which need not exist. It works for at most `seconds`. */
  sign(method: 'GET' | 'HEAD' | 'PUT', name: string, seconds: number): Promise<string>;
}

/** Access to datasources. */
export interface DatasourceConnections {
  /**
   * Opens a datasource: for reading where its use is INPUT, and for writing too where it is LIGHTLY.
   * @throws InvalidInputError where Winnow can't reach datasources of its type, or its credentials are refused
   */
  open(datasource: Datasource): Promise<DatasourceObjects>;
}
