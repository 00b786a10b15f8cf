import { parseLandingKey, RESERVED_FOLDER } from '#contracts/s3-keys';
import type { ListedObject } from '#platform/objects/objects';

export interface LandedObject extends ListedObject {
  readonly fileName: string;
}

/** Some of a dataset's objects, in the order of the listing. */
export interface LandingPage {
  readonly datasetName: string;
  readonly objects: readonly LandedObject[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * Cuts a listing of the landing bucket into pages of one dataset each. Objects that belong to no dataset, and those
 * that are no images, are left out. A listing is in byte order, so the objects of a dataset follow each other.
 */
export async function* landingPages(
  listing: AsyncIterable<ListedObject>,
  pageSize: number,
): AsyncGenerator<LandingPage> {
  let page: { datasetName: string; objects: LandedObject[]; isFirst: boolean } | undefined;
  for await (const listed of listing) {
    const place = parseLandingKey(listed.key);
    if (!place || place.fileName.startsWith(RESERVED_FOLDER)) continue;
    const { datasetName, fileName } = place;
    if (page && page.datasetName !== datasetName) {
      yield { ...page, isLast: true };
      page = undefined;
    } else if (page?.objects.length === pageSize) {
      yield { ...page, isLast: false };
      page = { datasetName, objects: [], isFirst: false };
    }
    page ??= { datasetName, objects: [], isFirst: true };
    page.objects.push({ ...listed, fileName });
  }
  if (page) yield { ...page, isLast: true };
}
