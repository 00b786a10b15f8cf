import { modelDescriptionKey, modelFileKey } from '#contracts/s3-keys';
import type { ReadUrlSigner } from '../objects/objects.ts';
import { shortReadUrl } from '../objects/short-read-url.ts';

/** URLs that read a learned embedding model for an hour, whether or not there is such a model. */
export async function planningModelUrls(
  name: string,
  deps: {
    readonly readUrls: ReadUrlSigner;
    readonly buckets: { readonly platform: string };
    readonly now: () => number;
  },
): Promise<{ description: string; file: string }> {
  const urlOf = (key: string) => shortReadUrl({ bucket: deps.buckets.platform, key }, deps);
  return { description: await urlOf(modelDescriptionKey(name)), file: await urlOf(modelFileKey(name)) };
}
