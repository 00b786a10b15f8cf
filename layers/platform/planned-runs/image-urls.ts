import type { RawSample, Run } from '#contracts/items';
import type { ObjectReference, ReadUrlSigner } from '../objects/objects.ts';
import { shortReadUrl } from '../objects/short-read-url.ts';
import type { RawSampleStore } from '../samples/raw-samples.ts';

/**
 * URLs that read images of the run's dataset for an hour, in the order of the names; null where there is none. They are
 * of the version that was registered last.
 */
export async function planningImageUrls(
  { datasetId }: Run & { readonly datasetId: string },
  fileNames: readonly string[],
  deps: {
    readonly rawSamples: Pick<RawSampleStore, 'getMany'>;
    readonly readUrls: ReadUrlSigner;
    readonly now: () => number;
  },
): Promise<(string | null)[]> {
  const found = await deps.rawSamples.getMany(datasetId, fileNames);
  const urls: (string | null)[] = [];
  for (const fileName of fileNames) {
    const image = found.get(fileName);
    urls.push(image && image.state !== 'deleted' ? await shortReadUrl(referenceOf(image), deps) : null);
  }
  return urls;
}

const referenceOf = ({ bucket, key, versionId }: RawSample): ObjectReference => ({
  bucket,
  key,
  ...(versionId !== undefined && { versionId }),
});
