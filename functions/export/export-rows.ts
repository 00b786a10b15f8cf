import { RetryableError } from '#contracts/errors';
import type { ExportRow } from '#formats/formats';
import { rowsOfTag } from '#platform/tags/tag-samples';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';
import type { ReadUrls } from './read-urls.ts';

/**
 * The samples of a tag by index, with a read URL for each where `readUrls` are given.
 *
 * @throws RetryableError at the end, where not all samples of the tag were found.
 */
export async function* exportRows(
  { tag }: ExportedTag,
  readUrls: ReadUrls | undefined,
  { samples }: ExportDeps,
): AsyncGenerator<ExportRow> {
  let rows = 0;
  for await (const sample of rowsOfTag(tag, {}, samples.range)) {
    rows += 1;
    yield { sample, readUrl: readUrls ? await readUrls.urlOf(sample) : '' };
  }
  if (rows !== tag.totSize) {
    throw new RetryableError(
      'SAMPLES_MISSING',
      `Found ${rows} of the ${tag.totSize} samples of '${tag.name}'.`,
    );
  }
}
