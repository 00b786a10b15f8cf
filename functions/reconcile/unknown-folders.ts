import type { Dataset } from '#contracts/items';
import { ingestRequestOf } from '#contracts/object-event';
import { isReservedName, parseLandingKey } from '#contracts/s3-keys';
import type { ListedObject } from '#platform/objects/objects';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { type Round, timeIsUp } from './round.ts';

/** Objects of an unknown folder that are looked at; more of them only in a long round. */
const OBJECTS_LOOKED_AT = 1_000;

/**
 * Folders of the landing bucket that no dataset has: the event of their first image was missed. Asks ingest to look at
 * one image of each, which makes the dataset; what else is there is found by its first sync.
 *
 * @returns number of observations sent
 */
export async function requestUnknownFolders(
  datasets: readonly Dataset[],
  round: Round,
  deps: ReconcileDeps,
): Promise<number> {
  const { landingBucket: bucket } = deps;
  const known = new Set(
    datasets.flatMap(({ landingFolder }) => (landingFolder.bucket === bucket ? [landingFolder.prefix] : [])),
  );
  let sent = 0;
  for await (const folder of deps.landing.listFolders(bucket)) {
    if (timeIsUp(round)) break;
    if (known.has(folder)) continue;
    const found = await firstImageOf(folder, round, deps);
    if (!found || !deps.requests.isNew(found.key, found.eTag)) continue;
    const { key, eTag, size, lastModified } = found;
    await deps.ingestQueue.send(
      ingestRequestOf({
        ...{ kind: 'created', bucket, key, eTag, size, bornAt: lastModified },
        order: { by: 'observation' },
      }),
    );
    deps.requests.note(key, eTag);
    sent += 1;
  }
  return sent;
}

/** Neither one whose event is under way, nor one that a dataset of this name has left behind which was deleted. */
async function firstImageOf(
  folder: string,
  round: Round,
  deps: ReconcileDeps,
): Promise<ListedObject | undefined> {
  const place = parseLandingKey(`${folder}x`);
  if (!place) return undefined;
  const bornAfter = (await deps.datasets.nameReleasedAt(place.datasetName)) ?? 0;
  const bornBefore = deps.now() - deps.youngestObjectMs;
  let lookedAt = 0;
  for await (const listed of deps.landing.list(deps.landingBucket, folder)) {
    const { fileName } = parseLandingKey(listed.key) ?? {};
    const isImage = fileName !== undefined && !isReservedName(fileName);
    if (isImage && listed.lastModified > bornAfter && listed.lastModified <= bornBefore) return listed;
    lookedAt += 1;
    if (timeIsUp(round) || (lookedAt === OBJECTS_LOOKED_AT && !round.isLong)) return undefined;
  }
  return undefined;
}
