import { datasourceStateKey } from '#contracts/datasource-keys';
import { type DatasourceState, datasourceState } from '#contracts/datasource-state';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, type Table, updateItemIf } from './table.ts';

const codec = itemCodec<DatasourceState>('datasource state', datasourceState);

/** States of datasources in the table: one item for each dataset. */
export function datasourceStateStore(table: Table): DatasourceStateStore {
  const get = async (datasetId: string) => {
    const item = await getItem(table, datasourceStateKey(datasetId));
    return item && codec.decode(item);
  };
  const sinceOf = async (datasetId: string, problem: { code: string; use: string; seenAt: number }) => {
    const known = (await get(datasetId))?.problem;
    return known?.code === problem.code && known.use === problem.use ? known.since : problem.seenAt;
  };
  const change = async (datasetId: string, update: ReturnType<typeof dynamo>) => {
    const always = dynamo`attribute_not_exists(#pk) OR #datasetId = ${datasetId}`;
    await updateItemIf(table, datasourceStateKey(datasetId), update, always);
  };
  return {
    get,
    noteProblem: async (datasetId, problem) => {
      const since = await sinceOf(datasetId, problem);
      await change(datasetId, dynamo`SET #datasetId = ${datasetId}, #problem = ${{ ...problem, since }}`);
    },
    noteVerified: async (datasetId, verified, problem) => {
      const set = dynamo`SET #datasetId = ${datasetId}, #lastVerified = ${verified}`;
      if (!problem) return change(datasetId, dynamo`${set} REMOVE #problem`);
      const since = await sinceOf(datasetId, problem);
      await change(datasetId, dynamo`${set}, #problem = ${{ ...problem, since }}`);
    },
    forget: async (datasetId) => {
      const isKnown = dynamo`attribute_exists(#pk)`;
      const forget = dynamo`REMOVE #problem, #lastVerified, #lastEventAt`;
      await updateItemIf(table, datasourceStateKey(datasetId), forget, isKnown);
    },
    noteEvent: (datasetId, at) =>
      change(datasetId, dynamo`SET #datasetId = ${datasetId}, #lastEventAt = ${at}`),
  };
}
