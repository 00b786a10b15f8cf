import { text } from 'node:stream/consumers';
import { DatasourceError } from '#contracts/errors';
import type {
  DatasourceConnections,
  FileVersion,
  ReadableDatasource,
} from '#platform/datasources/datasource-objects';
import { verifyDatasources } from '#platform/datasources/verify-datasource';
import type { DelegatedBucket } from './delegated-bucket.ts';

/** Lists all of a small datasource. */
export const WHOLE = { prefix: '', after: undefined, limit: 1000 };

export const namesIn = async (source: ReadableDatasource): Promise<string[]> =>
  (await source.list(WHOLE)).files.map(({ name }) => name);

export async function contentOf(
  source: ReadableDatasource,
  name: string,
  version: FileVersion = {},
): Promise<string | undefined> {
  const file = await source.open(name, version);
  return file && text(file.body);
}

/** What a refusal says that its owner has to put right. @throws what else was thrown, or Error where it worked */
export async function problemOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DatasourceError)) throw error ?? new Error('Expected a DatasourceError: it worked');
  return { ...error.problem, reason: error.message };
}

/** The verification of a dataset that has the bucket for everything. */
export const verify = ({ datasource }: DelegatedBucket, datasourceConnections: DatasourceConnections) =>
  verifyDatasources(
    { input: datasource(), lightly: datasource({ use: 'LIGHTLY' }) },
    { datasourceConnections, now: Date.now },
  );
