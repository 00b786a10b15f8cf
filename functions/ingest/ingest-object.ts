import { DatasourceError } from '#contracts/errors';
import type { ObjectEvent } from '#contracts/object-event';
import { isConfigured } from '#platform/datasources/datasources';
import type { IngestResult, Target } from './arrival.ts';
import { type NoTarget, targetsOf } from './event-targets.ts';
import { holdEvent, isDatasourceShut } from './hold-event.ts';
import { ingestArrival, isReplacement } from './ingest-arrival.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { isSkippedAsTold, reportSkipped } from './judge-event.ts';
import { passOnEvent } from './pass-on-event.ts';
import { ThumbnailRefused } from './put-thumbnail.ts';

/**
 * Brings the registry of the dataset that an event is for in line with it. Events may come twice, late and in any order: a
 * newer state is never overwritten, and the object itself is asked what it is now wherever an event alone can't tell.
 *
 * An event for several datasets goes back to the queue as one for each of them: whoever names the bucket of another has no part
 * in what becomes of the other's images, or when.
 *
 * @returns undefined where that was all
 * @throws RetryableError where a service does not answer
 */
export async function ingestObject(event: ObjectEvent, deps: IngestDeps): Promise<IngestResult | undefined> {
  const targets = await targetsOf(event, deps);
  if ('outcome' in targets) return ignore(event, targets, deps);
  const [target, ...others] = targets;
  if (target && others.length === 0) return ingestTarget(target, deps);
  await passOnEvent(targets, deps);
  return undefined;
}

function ignore({ kind, bucket, key }: ObjectEvent, none: NoTarget, deps: IngestDeps): IngestResult {
  if (kind === 'removed' || none.reason === undefined) return { outcome: 'ObjectsIgnored' };
  deps.telemetry.log('warn', 'Object rejected', { bucket, key, reason: none.reason });
  return { outcome: none.outcome };
}

/** What is no image of the dataset is of its matter where one gave way to it. */
async function isInPlaceOfImage({ dataset, fileName, event }: Target, deps: IngestDeps): Promise<boolean> {
  return isReplacement(event, await deps.rawSamples.get(dataset.id, fileName));
}

async function ingestTarget(target: Target, deps: IngestDeps): Promise<IngestResult> {
  const { dataset, fileName, event, input } = target;
  if (isConfigured(input) && event.datasetId === undefined)
    await deps.datasourceWatch.noteEvent(dataset.id, input.place);
  if (isSkippedAsTold(target, deps) && !(await isInPlaceOfImage(target, deps)))
    return reportSkipped(target, deps);
  if (dataset.pausedAt !== undefined) return holdEvent(target, deps);
  if (await isDatasourceShut(target, deps)) return holdEvent(target, deps);
  try {
    return await ingestArrival(target, deps);
  } catch (error) {
    const isOfThumbnail = error instanceof ThumbnailRefused;
    const refusal = isOfThumbnail ? error.refusal : error;
    if (!(refusal instanceof DatasourceError)) throw error;
    const met = isOfThumbnail
      ? ({ use: 'LIGHTLY', fileName: error.thumbName } as const)
      : ({ use: 'INPUT', fileName } as const);
    await deps.datasourceWatch.noteProblem(dataset.id, input.version, refusal, met);
    return holdEvent(target, deps);
  }
}
