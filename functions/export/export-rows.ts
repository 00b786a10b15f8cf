import { RetryableError } from '#contracts/errors';
import type { Sample } from '#contracts/samples';
import type { ExportRow } from '#formats/formats';
import { indexesOfMask } from '#platform/tags/bit-mask';
import { rangesOf } from '#platform/tags/index-ranges';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';
import type { ReadUrlLife } from './read-url-life.ts';

/**
 * The samples of a tag by index, with a read URL for each where a `life` for it is given. The URL names the
 * version that was analysed, where the bucket has versions.
 *
 * @throws RetryableError at the end, where not all samples of the tag were found.
 */
export async function* exportRows(
  { dataset, tag }: ExportedTag,
  life: ReadUrlLife | undefined,
  { samples, signer }: ExportDeps,
): AsyncGenerator<ExportRow> {
  const readUrlOf = ({ bucket, key, versionId }: Sample): Promise<string> | string => {
    if (life === undefined) return '';
    const reference = { bucket, key, ...(versionId !== undefined && { versionId }) };
    return signer.sign(reference, life.signedAt, life.expireAt);
  };
  let rows = 0;
  for (const { from, to } of rangesOf(indexesOfMask(tag.bitMaskData))) {
    for await (const sample of samples.range(dataset.id, from, to)) {
      rows += 1;
      yield { sample, readUrl: await readUrlOf(sample) };
    }
  }
  if (rows !== tag.totSize) {
    throw new RetryableError(
      'SAMPLES_MISSING',
      `Found ${rows} of the ${tag.totSize} samples of '${tag.name}'.`,
    );
  }
}
