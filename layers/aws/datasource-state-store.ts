import { datasourceStateKey } from '#contracts/datasource-keys';
import {
  type DatasourceProblem,
  type DatasourceState,
  datasourceState,
  type FoundProblem,
} from '#contracts/datasource-state';
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
  /** Beside what is known: when it was seen first, and the file to try, which a refusal of everything does not name. */
  const asKnown = async (datasetId: string, problem: FoundProblem): Promise<DatasourceProblem> => {
    const known = (await get(datasetId))?.problem;
    if (known?.use !== problem.use) return { ...problem, since: problem.seenAt };
    const { fileName = known.fileName } = problem;
    const since = known.code === problem.code ? known.since : problem.seenAt;
    return { ...problem, ...(fileName !== undefined && { fileName }), since };
  };
  const change = async (datasetId: string, update: ReturnType<typeof dynamo>) => {
    const always = dynamo`attribute_not_exists(#pk) OR #datasetId = ${datasetId}`;
    await updateItemIf(table, datasourceStateKey(datasetId), update, always);
  };
  return {
    get,
    noteProblem: async (datasetId, problem) => {
      const noted = await asKnown(datasetId, problem);
      await change(datasetId, dynamo`SET #datasetId = ${datasetId}, #problem = ${noted}`);
    },
    noteVerified: async (datasetId, verified, problem) => {
      const set = dynamo`SET #datasetId = ${datasetId}, #lastVerified = ${verified}`;
      if (!problem) return change(datasetId, dynamo`${set} REMOVE #problem`);
      await change(datasetId, dynamo`${set}, #problem = ${await asKnown(datasetId, problem)}`);
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
