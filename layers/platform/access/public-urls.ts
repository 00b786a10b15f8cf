import { pathOf } from '#contracts/protocol/paths';
import type { Sample } from '#contracts/samples';
import { publicSample } from './public-object.ts';
import type { PublicTokens } from './public-tokens.ts';

/** Makes the URL at which anybody can read a sample's image. */
export type SampleUrls = (sample: Pick<Sample, 'id' | 'datasetId'>) => Promise<string>;

/**
 * URLs of the API that redirect to a sample's image, each with a public token for that one image. Where it leads is
 * signed anew at each visit, so it lives on when the credentials that sign are gone. The same arguments give the same
 * URL.
 *
 * @param baseUrl of the API, without a slash at the end
 * @param expireAt ms
 */
export function publicSampleUrls(baseUrl: string, expireAt: number, publicTokens: PublicTokens): SampleUrls {
  return async ({ id, datasetId }) => {
    const publicToken = await publicTokens.sign(publicSample(datasetId, id, 'full'), expireAt);
    const path = pathOf('get_sample_image_resource_redirect_by_id', { datasetId, sampleId: id });
    return `${baseUrl}${path}?type=full&publicToken=${publicToken}`;
  };
}
