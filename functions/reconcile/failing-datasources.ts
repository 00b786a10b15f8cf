import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { tryDatasources } from '#platform/datasources/verify-and-note';
import type { VerifiedDatasources } from '#platform/datasources/verify-datasource';
import { goOn } from '#platform/syncs/go-on';
import type { ReconcileDeps } from './reconcile-deps.ts';
import type { RoundUnderWay } from './round.ts';

/**
 * A dataset whose datasource refused something: it is tried again, and where everything works by now, what waited for it
 * goes on. For one that a round has no time for, another round has.
 *
 * @returns 1 where it still refuses, or was not tried
 */
export async function tryFailingDatasource(
  dataset: Dataset,
  deps: ReconcileDeps,
  round: Pick<RoundUnderWay, 'mayTry'>,
): Promise<number> {
  const { id: datasetId } = dataset;
  const { problem } = (await deps.datasourceStates.get(datasetId)) ?? {};
  if (!problem) return 0;
  if (!round.mayTry()) return 1;
  const verified = await triedInTime(dataset, deps);
  if (!verified) return 1;
  const [refused] = verified.problems;
  if (refused) {
    const { code, action } = refused;
    deps.telemetry.log('warn', 'Datasource refuses', { datasetId, code, action });
    return 1;
  }
  deps.telemetry.log('info', 'Datasource works again', { datasetId, code: problem.code });
  await goOn(dataset, deps);
  return 0;
}

/** Undefined where it can't be told yet. A server that fails for now is its owner's: the round has not failed for it. */
async function triedInTime(dataset: Dataset, deps: ReconcileDeps): Promise<VerifiedDatasources | undefined> {
  const ids = { datasetId: dataset.id };
  try {
    const trial = await inTime(tryDatasources(dataset, deps, { isRetry: true }), deps.longestTrialMs);
    if (!trial) deps.telemetry.log('warn', 'Datasource takes too long to be tried', ids);
    // Of one that was replaced meanwhile, nothing is known yet.
    return (await trial?.note()) ? trial?.found : undefined;
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    deps.telemetry.log('warn', 'Datasource fails for now', { ...ids, reason: error.message });
    return undefined;
  }
}

/** Undefined where it takes longer: what it comes to then is noted by nobody, for nothing would go on with it. */
async function inTime<T>(work: Promise<T>, mostMs: number): Promise<T | undefined> {
  const ended = new AbortController();
  const over = sleep(mostMs, undefined, { signal: ended.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    ended.abort();
  }
}
