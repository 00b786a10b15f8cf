import { modelNameOf } from '#contracts/embedding-models';
import type { Dataset, RegisteredRawSample } from '#contracts/items';
import { ingestRequestOf } from '#contracts/object-event';
import { holdsEverythingUp } from '#platform/datasources/datasource-states';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { type Round, timeIsUp } from './round.ts';

/** Images of one dataset that are asked for in a round: about what ingest describes until the next one. */
const MOST_IN_A_ROUND = 10_000;
/** Messages sent at a time. */
const CONCURRENT_SENDS = 10;

/**
 * Images that another model has described than the one that the dataset has now: asks ingest to describe them anew. An
 * image that ingest can't describe, as one in an archive, keeps what it has.
 *
 * All images of a dataset are read for it, so one of which all have been asked for is left alone by this process while its
 * model stays, but for long rounds. Nothing is asked for while the datasource refuses.
 *
 * @returns number of observations sent
 */
export async function requestOutdatedEmbeddings(
  { id: datasetId, settings, pausedAt }: Dataset,
  deps: ReconcileDeps,
  round: Round,
): Promise<number> {
  if (pausedAt !== undefined) return 0;
  const model = modelNameOf(settings.ingest.embeddingModel);
  if (deps.describedBy.get(datasetId) === model && !round.isLong) return 0;
  if (holdsEverythingUp((await deps.datasourceStates.get(datasetId))?.problem)) return 0;
  let outdated = 0;
  let sent = 0;
  let batch: RegisteredRawSample[] = [];
  const sendBatch = async () => {
    const request = async (image: RegisteredRawSample) => {
      await deps.ingestQueue.send(requestFor(image));
      deps.requests.note(`${image.key} ${model}`, image.eTag);
    };
    await Promise.all(batch.map(request));
    sent += batch.length;
    batch = [];
  };
  let isWhole = true;
  for await (const image of deps.rawSamples.list(datasetId)) {
    isWhole = !timeIsUp(round) && sent + batch.length < MOST_IN_A_ROUND;
    if (!isWhole) break;
    if (image.state !== 'registered' || image.facts.embeddingModel === model) continue;
    outdated += 1;
    if (!deps.requests.isNew(`${image.key} ${model}`, image.eTag)) continue;
    batch.push(image);
    if (batch.length === CONCURRENT_SENDS) await sendBatch();
  }
  await sendBatch();
  if (isWhole && sent === 0) deps.describedBy.set(datasetId, model);
  if (outdated > 0) {
    deps.telemetry.log('info', 'Images are described anew', { datasetId, model, outdated, requested: sent });
  }
  return sent;
}

/** It names the dataset: of the images of one, wherever they are, nobody else has asked. */
function requestFor({ datasetId, bucket, key, eTag, versionId, size, sequencer }: RegisteredRawSample) {
  return ingestRequestOf({
    ...{ kind: 'created', datasetId, bucket, key, eTag, size },
    ...(versionId !== undefined && { versionId }),
    order: { by: 'observation', seen: { sequencer, eTag } },
  });
}
