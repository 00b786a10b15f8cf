import { DatasourceError } from '#contracts/errors';
import type { ExportMessage } from '#contracts/messages';
import type { Sample } from '#contracts/samples';
import type { ReadUrlKind } from '#contracts/settings';
import { publicSampleUrls } from '#platform/access/public-urls';
import { isIn } from '#platform/datasources/dataset-images';
import { datasourceOf, isConfigured } from '#platform/datasources/datasources';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';
import { type ReadUrlLife, readUrlLife } from './read-url-life.ts';

/** The read URLs of one file, of which kind they are, and when they work. */
export interface ReadUrls {
  readonly kind: ReadUrlKind;
  readonly life: ReadUrlLife;
  readonly urlOf: (sample: Sample) => Promise<string>;
}

type Asked = Pick<ExportMessage, 'readUrls' | 'readUrlExpirySeconds'>;
type ReadUrlDeps = Pick<ExportDeps, 'signer' | 'images' | 'datasources' | 'publicTokens' | 'apiUrl' | 'now'>;

/** Where nothing ends sooner than was asked for. */
const NO_END = { latestExpiry: async () => undefined };

/**
 * Read URLs as a dataset's settings ask for them. Those that redirect live as long as they are told to; those that are
 * signed no longer than the credentials that sign, and name the version that was analysed, where the bucket has versions.
 *
 * A session of a role lives an hour, wherever in it somebody signs, and none can be had where the role is gone. So the images
 * that are read with one get URLs that redirect, whatever was asked for.
 */
export async function readUrlsOf(
  { dataset, completedAt }: Pick<ExportedTag, 'dataset' | 'completedAt'>,
  { readUrls, readUrlExpirySeconds }: Asked,
  deps: ReadUrlDeps,
): Promise<ReadUrls> {
  const { signer, publicTokens, apiUrl, now } = deps;
  const input = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'INPUT');
  const kind = input.config.type === 'S3DelegatedAccess' ? 'redirect' : readUrls;
  const isOwn = kind === 'signed' && !isConfigured(input);
  const life = await readUrlLife(completedAt, readUrlExpirySeconds, { signer: isOwn ? signer : NO_END, now });
  const redirectOf = publicSampleUrls(apiUrl, life.expireAt, publicTokens);
  if (kind === 'redirect') return { kind, life, urlOf: redirectOf };
  /** As of the life's beginning: an export that is written again has the same bytes. */
  const ownUrlOf = ({ bucket, key, versionId }: Sample): Promise<string> => {
    const reference = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return signer.sign(reference, life.signedAt, life.expireAt);
  };
  const signedOf = async (sample: Sample): Promise<string | undefined> => {
    if (!isIn(input.place, sample)) return undefined;
    if (isOwn) return ownUrlOf(sample);
    const seconds = Math.floor((life.expireAt - now()) / 1000);
    return deps.images.sign(dataset, sample, seconds).catch(noneWhereRefused);
  };
  // What is not where images are now, or can't be signed for, is for the API to find at each visit.
  return { kind, life, urlOf: async (sample) => (await signedOf(sample)) ?? redirectOf(sample) };
}

/** An export does not fail for want of access to what it names. */
function noneWhereRefused(error: unknown): undefined {
  if (!(error instanceof DatasourceError)) throw error;
}
