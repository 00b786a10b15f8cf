import type { DatasourceState } from '#contracts/datasource-state';
import type { ReconcileDeps } from './reconcile-deps.ts';

type States = ReconcileDeps['datasourceStates'];

/** States of datasources for one round, in which several repairs ask for each: it is read once, and again after a trial. */
export function statesOfRound(states: States): States {
  const known = new Map<string, Promise<DatasourceState | undefined>>();
  return {
    ...states,
    get: (datasetId) => {
      const state = known.get(datasetId) ?? states.get(datasetId);
      known.set(datasetId, state);
      state.catch(() => known.delete(datasetId));
      return state;
    },
    noteVerified: (datasetId, ...found) =>
      states.noteVerified(datasetId, ...found).finally(() => known.delete(datasetId)),
  };
}
