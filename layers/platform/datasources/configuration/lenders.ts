import type { DatasetDatasources, DatasourceConfig } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';

/** Whose credentials a config of a dataset has: of whoever brought them, and of its owner where nobody else did. */
export const lenderIn =
  (stored: DatasetDatasources | undefined, { userId }: Pick<Dataset, 'userId'>) =>
  (config: DatasourceConfig): ObjectId =>
    stored?.lentBy?.[config.purpose] ?? userId;
