import type { ExportMessage } from '#contracts/messages';
import type { Sample } from '#contracts/samples';
import { publicSampleUrls } from '#platform/access/public-urls';
import type { ExportDeps } from './export-deps.ts';
import { type ReadUrlLife, readUrlLife } from './read-url-life.ts';

/** The read URLs of one file, and when they work. */
export interface ReadUrls {
  readonly life: ReadUrlLife;
  readonly urlOf: (sample: Sample) => Promise<string>;
}

/**
 * Read URLs as a dataset's settings ask for them. Those that redirect live as long as they are told to; those that are
 * signed no longer than the credentials that sign, and name the version that was analysed, where the bucket has versions.
 */
export async function readUrlsOf(
  completedAt: number,
  { readUrls, readUrlExpirySeconds }: Pick<ExportMessage, 'readUrls' | 'readUrlExpirySeconds'>,
  deps: Pick<ExportDeps, 'signer' | 'publicTokens' | 'apiUrl' | 'now'>,
): Promise<ReadUrls> {
  const { signer, publicTokens, apiUrl, now } = deps;
  if (readUrls === 'redirect') {
    const noCredentials = { latestExpiry: async () => undefined };
    const life = await readUrlLife(completedAt, readUrlExpirySeconds, { signer: noCredentials, now });
    return { life, urlOf: publicSampleUrls(apiUrl, life.expireAt, publicTokens) };
  }
  const life = await readUrlLife(completedAt, readUrlExpirySeconds, { signer, now });
  const urlOf = ({ bucket, key, versionId }: Sample): Promise<string> => {
    const reference = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return signer.sign(reference, life.signedAt, life.expireAt);
  };
  return { life, urlOf };
}
