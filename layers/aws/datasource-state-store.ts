import { datasourceStateKey } from '#contracts/datasource-keys';
import {
  type DatasourceProblem,
  type DatasourceState,
  datasourceState,
  type FoundProblem,
} from '#contracts/datasource-state';
import type { DatasourceStateStore } from '#platform/datasources/datasource-states';
import { dynamo, type Expression } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, type Table, updateItemIf } from './table.ts';

const codec = itemCodec<DatasourceState>('datasource state', datasourceState);

/** States of datasources in the table: one item for each dataset. */
export function datasourceStateStore(table: Table): DatasourceStateStore {
  const get = async (datasetId: string) => {
    const item = await getItem(table, datasourceStateKey(datasetId));
    return item && codec.decode(item);
  };
  const change: Change = async (datasetId, update, condition) =>
    (await updateItemIf(table, datasourceStateKey(datasetId), update, condition)) !== undefined;
  /** @param found of what is known of the same datasources */
  const note = async (
    datasetId: string,
    version: number,
    found: (known: DatasourceState | undefined) => Expression,
  ): Promise<boolean> => {
    const state = await get(datasetId);
    const known = state?.version === version ? state : undefined;
    const set = dynamo`SET #datasetId = ${datasetId}, #version = ${version}`;
    return change(datasetId, dynamo`${set}, ${found(known)}`, notOlderThan(version));
  };
  return {
    get,
    noteProblem: (datasetId, version, problem) =>
      note(datasetId, version, (known) => {
        const noted = dynamo`#problem = ${asKnown(known?.problem, problem)}`;
        return known ? noted : dynamo`${noted} REMOVE #lastVerified`;
      }),
    noteVerified: (datasetId, version, verified, problem) =>
      note(datasetId, version, (known) => {
        const set = dynamo`#lastVerified = ${verified}`;
        if (!problem) return dynamo`${set} REMOVE #problem`;
        return dynamo`${set}, #problem = ${asKnown(known?.problem, problem)}`;
      }),
    forget: async (datasetId, version) => {
      const set = dynamo`SET #datasetId = ${datasetId}, #version = ${version}`;
      const forget = dynamo`${set} REMOVE #problem, #lastVerified, #lastEventAt`;
      await change(datasetId, forget, notOlderThan(version));
    },
    ...eventNotes(change),
  };
}

type Change = (datasetId: string, update: Expression, condition: Expression) => Promise<boolean>;

/** When events came, whether some are held, and who sends these. */
const eventNotes = (
  change: Change,
): Pick<DatasourceStateStore, 'noteEvent' | 'noteHeld' | 'noteNoneHeld' | 'claimRelease' | 'endRelease'> => ({
  noteEvent: async (datasetId, at) => {
    await change(datasetId, dynamo`SET #datasetId = ${datasetId}, #lastEventAt = ${at}`, ALWAYS);
  },
  noteHeld: async (datasetId, at) => {
    await change(datasetId, dynamo`SET #datasetId = ${datasetId}, #heldAt = ${at}`, ALWAYS);
  },
  noteNoneHeld: async (datasetId, heldAt) => {
    await change(datasetId, dynamo`REMOVE #heldAt`, dynamo`#heldAt = ${heldAt}`);
  },
  claimRelease: (datasetId, { until, held, now }) => {
    const isFree = dynamo`attribute_not_exists(#releasingUntil) OR #releasingUntil < ${now}`;
    const isOurs = held === undefined ? isFree : dynamo`${isFree} OR #releasingUntil = ${held}`;
    return change(datasetId, dynamo`SET #datasetId = ${datasetId}, #releasingUntil = ${until}`, isOurs);
  },
  endRelease: async (datasetId, held) => {
    await change(datasetId, dynamo`REMOVE #releasingUntil`, dynamo`#releasingUntil = ${held}`);
  },
});

/** The item holds what several have found, each in fields of its own. */
const ALWAYS = dynamo`attribute_not_exists(#pk) OR attribute_exists(#pk)`;

/** A trial may take longer than its datasource is set. */
const notOlderThan = (version: number): Expression =>
  dynamo`attribute_not_exists(#version) OR #version <= ${version}`;

/** With when it was seen first, and the file to try, which a refusal of everything does not name. */
function asKnown(known: DatasourceProblem | undefined, problem: FoundProblem): DatasourceProblem {
  if (known?.use !== problem.use) return { ...problem, since: problem.seenAt };
  const { fileName = known.fileName } = problem;
  const since = known.code === problem.code ? known.since : problem.seenAt;
  return { ...problem, ...(fileName !== undefined && { fileName }), since };
}
