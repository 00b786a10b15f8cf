import type { Dataset } from '#contracts/items';
import type { ReconcileDeps, Round } from './reconcile-deps.ts';

/**
 * Raw samples whose object is gone: asks ingest to mark them deleted. A listing may be older than the newest
 * objects, so an object that it lacks is asked for by its key before it counts as gone.
 *
 * @param listed file names of all objects that the dataset has
 * @returns number of observations sent
 */
export async function requestGoneObjects(
  dataset: Dataset,
  listed: ReadonlySet<string>,
  round: Round,
  deps: ReconcileDeps,
): Promise<number> {
  let sent = 0;
  for await (const { fileName, bucket, key, sequencer, eTag } of deps.rawSamples.list(dataset.id)) {
    if (round.timeIsUp()) break;
    if (listed.has(fileName) || (await deps.landing.head({ bucket, key }))) continue;
    await deps.ingestQueue.send({
      source: 'winnow:reconcile',
      event: { kind: 'removed', bucket, key, order: { by: 'observation', seen: { sequencer, eTag } } },
    });
    sent += 1;
  }
  return sent;
}
