import { DatasourceError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { DatasourceConnections, ReadableDatasource, WritableDatasource } from './datasource-objects.ts';
import { type Datasource, type DatasourceStore, type DatasourceUse, datasourceOf } from './datasources.ts';

export interface OpenDatasourceDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceConnections: DatasourceConnections;
}

/**
 * A datasource of a dataset, opened; what it refuses to open is named in the error, so that it can be tried again.
 * @throws InvalidInputError where it can't be reached
 */
export async function openDatasource(
  dataset: Dataset,
  use: DatasourceUse,
  { datasources, datasourceConnections }: OpenDatasourceDeps,
): Promise<{ datasource: Datasource; objects: ReadableDatasource }> {
  const datasource = datasourceOf(dataset, await datasources.get(dataset.id), use);
  return { datasource, objects: namingFiles(await datasourceConnections.open(datasource)) };
}

const namingFiles = (objects: ReadableDatasource): ReadableDatasource => ({
  ...objects,
  open: async (name, options) => {
    try {
      return await objects.open(name, options);
    } catch (error) {
      if (!(error instanceof DatasourceError) || error.problem.fileName !== undefined) throw error;
      const { message, problem } = error;
      throw new DatasourceError(message, { ...problem, fileName: name }, { cause: error });
    }
  },
});

/** A dataset's LIGHTLY, to be written to. @throws as {@link openDatasource} */
export async function openLightly(
  dataset: Dataset,
  { datasources, datasourceConnections }: OpenDatasourceDeps,
): Promise<WritableDatasource> {
  const datasource = datasourceOf(dataset, await datasources.get(dataset.id), 'LIGHTLY');
  return datasourceConnections.open({ ...datasource, use: 'LIGHTLY' });
}
