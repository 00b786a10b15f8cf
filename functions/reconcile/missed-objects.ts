import type { Dataset, RawSample } from '#contracts/items';
import type { ReconcileObservation } from '#contracts/object-event';
import type { LandedObject } from './landing-pages.ts';
import type { ReconcileDeps, Round } from './reconcile-deps.ts';

/** Messages sent at a time. */
const CONCURRENT_SENDS = 10;

/**
 * Objects that the registry does not know, or knows as another one: asks ingest to look at them.
 *
 * @param dataset absent where the objects are the first of a dataset that ingest will make
 * @returns number of observations sent
 */
export async function requestMissedObjects(
  dataset: Dataset | undefined,
  objects: readonly LandedObject[],
  round: Round,
  deps: ReconcileDeps,
): Promise<number> {
  const bornBefore = deps.now() - deps.youngestObjectMs;
  const settled = objects.filter(({ lastModified }) => lastModified <= bornBefore);
  const known = dataset ? await knownAmong(dataset, settled, deps) : new Map<string, RawSample>();
  const missed = settled.filter(
    (object) =>
      !isRegistered(object, known.get(object.fileName)) && deps.isNewRequest(object.key, object.eTag),
  );
  for (let sent = 0; sent < missed.length; sent += CONCURRENT_SENDS) {
    if (round.timeIsUp()) return sent;
    const observations = missed
      .slice(sent, sent + CONCURRENT_SENDS)
      .map((object) => observationOf(object, known.get(object.fileName), deps.landingBucket));
    await Promise.all(observations.map((observation) => deps.ingestQueue.send(observation)));
  }
  return missed.length;
}

const knownAmong = ({ id }: Dataset, objects: readonly LandedObject[], deps: ReconcileDeps) =>
  deps.rawSamples.getMany(
    id,
    objects.map(({ fileName }) => fileName),
  );

const isRegistered = ({ eTag }: LandedObject, known: RawSample | undefined): boolean =>
  known !== undefined && known.state !== 'deleted' && known.eTag === eTag;

function observationOf(
  { key, eTag, size, lastModified }: LandedObject,
  known: RawSample | undefined,
  bucket: string,
): ReconcileObservation {
  const seen = known && { sequencer: known.sequencer, eTag: known.eTag };
  return {
    source: 'winnow:reconcile',
    event: {
      ...{ kind: 'created', bucket, key, eTag, size, bornAt: lastModified },
      order: { by: 'observation', ...(seen && { seen }) },
    },
  };
}
