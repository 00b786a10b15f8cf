import type { DatasourceConfigOf } from '#contracts/datasources';
import type { Datasource } from '#platform/datasources/datasources';

/** A datasource that is reached with the client of S3: Winnow's own buckets, or somebody's, on AWS or a server that speaks S3. */
export type S3Datasource = Datasource & {
  readonly config: DatasourceConfigOf<'LIGHTLY' | 'S3' | 'S3DelegatedAccess'>;
};
