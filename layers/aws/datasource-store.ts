import { datasourcesKey, delegatedRoleKey } from '#contracts/datasource-keys';
import { type DatasetDatasources, datasetDatasources, delegatedRoleClaim } from '#contracts/datasources';
import type { DatasourceStore, DelegatedRoleStore } from '#platform/datasources/datasources';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIf, putItemIfAbsent, type Table, updateItemIf } from './table.ts';

const codec = itemCodec<DatasetDatasources>('datasources', datasetDatasources);
const claims = itemCodec('delegated role', delegatedRoleClaim);

/** Datasources in the table, which is encrypted at rest: one item for each dataset. */
export function datasourceStore(table: Table): DatasourceStore {
  return {
    get: async (datasetId) => {
      const item = await getItem(table, datasourcesKey(datasetId));
      return item && codec.decode(item);
    },
    replace: (datasources) => {
      const { datasetId, version } = datasources;
      const item = codec.encode(datasources, datasourcesKey(datasetId));
      return version === 1
        ? putItemIfAbsent(table, item)
        : putItemIf(table, item, dynamo`#version = ${version - 1}`);
    },
  };
}

/** Claims of roles in the table, by a digest of role and external ID. */
export function delegatedRoleStore(table: Table): DelegatedRoleStore {
  return {
    claim: async ({ arn, externalId }, userId, claimedAt) => {
      const key = delegatedRoleKey(arn, externalId);
      if (await putItemIfAbsent(table, claims.encode({ userId, claimedAt }, key))) return userId;
      const item = await getItem(table, key);
      return item ? claims.decode(item).userId : userId;
    },
    pass: async ({ arn, externalId }, { from, to }) => {
      const key = delegatedRoleKey(arn, externalId);
      await updateItemIf(table, key, dynamo`SET #userId = ${to}`, dynamo`#userId = ${from}`);
    },
  };
}
