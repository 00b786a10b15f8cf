import type { InputAnswer } from '#contracts/input-routes';
import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import type { RawSampleStore } from '../../samples/raw-samples.ts';
import type { SampleAvailability } from '../../samples/sample-availability.ts';
import { syncProgress } from '../../syncs/sync-progress.ts';
import type { SyncStore } from '../../syncs/sync-store.ts';
import { type DatasourceStateStore, toldProblem } from '../datasource-states.ts';
import { type Datasource, type DatasourceStore, datasourceOf, isConfigured } from '../datasources.ts';
import type { HeldEventStore } from './held-events.ts';
import { sendingBucket } from './input-buckets.ts';

export interface InputStatusDeps {
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get'>;
  readonly syncs: Pick<SyncStore, 'get'>;
  readonly heldEvents: Pick<HeldEventStore, 'count'>;
  readonly rawSamples: Pick<RawSampleStore, 'countPending'>;
  readonly sampleAvailability: Pick<SampleAvailability, 'countUnavailable'>;
  /** ms */
  readonly now: () => number;
}

/** What is counted by reading is counted so far. */
const MOST_COUNTED = 1_000;

/** Where a dataset's images come from, and how that goes. Nothing outside of Winnow is asked. */
export async function inputStatus(dataset: Dataset, deps: InputStatusDeps): Promise<InputAnswer> {
  const { id, pausedAt } = dataset;
  const [stored, state, sync, held, pending, unavailable] = await Promise.all([
    deps.datasources.get(id),
    deps.datasourceStates.get(id),
    deps.syncs.get(id),
    deps.heldEvents.count(id, MOST_COUNTED),
    deps.rawSamples.countPending(id, MOST_COUNTED),
    deps.sampleAvailability.countUnavailable(id),
  ]);
  const datasource = datasourceOf(dataset, stored, 'INPUT');
  const { lastVerified, problem, lastEventAt } = state ?? {};
  return {
    datasource: shown(datasource),
    events: { ...eventsOf(dataset, datasource), ...(lastEventAt !== undefined && { lastAt: lastEventAt }) },
    ...(pausedAt !== undefined && { pausedAt }),
    ...(lastVerified && { lastVerified }),
    ...(problem && { problem: toldProblem(problem, lastVerified) }),
    ...(sync && { sync: syncProgress(sync, deps.now()) }),
    counts: {
      ...{ samples: dataset.sampleCount, unavailable, pending, held },
      ...registryOf(sync),
    },
  };
}

/** As of the last complete listing, which has read it: to count it anew would read as much again. */
function registryOf(sync: DatasetSync | undefined): Pick<InputAnswer['counts'], 'registry'> {
  if (!sync?.last?.counts.registry) return {};
  return { registry: { at: sync.last.startedAt, ...sync.last.counts.registry } };
}

function shown({ id, config }: Datasource): InputAnswer['datasource'] {
  return {
    ...{ id, type: config.type, purpose: config.purpose, path: config.fullPath },
    ...('s3Region' in config && { region: config.s3Region }),
    ...(config.type === 'S3DelegatedAccess' && { role: config.s3ARN }),
  };
}

function eventsOf(dataset: Dataset, datasource: Datasource): InputAnswer['events'] {
  if (!isConfigured(datasource)) return { from: 'landing', bucket: datasource.place.bucket };
  const bucket = sendingBucket(dataset, datasource);
  return bucket === undefined ? { from: 'none' } : { from: 'bucket', bucket };
}
