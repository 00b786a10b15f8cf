import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { QueryOf } from '#contracts/protocol/operations';
import { LONGEST_REDIRECT_LIFE_SECONDS, USUAL_REDIRECT_LIFE_SECONDS } from '#contracts/settings';
import type { TagPage } from '../tags/tag-samples.ts';

/**
 * How a client wants a tag exported. Read URLs live for `expiresIn` seconds, or as long as a redirect of the dataset's
 * exports does; rows call a file by its name unless `fileNameFormat` says otherwise, and have its metadata unless
 * `includeMetaData` is false. A preview is some rows, to show what they look like. A page is of the tag's samples.
 */
export type TagExportQuery = Readonly<Omit<QueryOf<'export_tag_to_label_box_data_rows'>, 'format'>>;

const PREVIEW_ROWS = 10;
/** Names of the one kind of access there is: everybody who holds a URL, to that one image, until it ends. */
const ACCESS_CONTROLS = ['default', 'public'];

/** The samples of a tag that are asked for. */
export function exportedPage({ pageSize, pageOffset, previewExample = false }: TagExportQuery): TagPage {
  const most = previewExample ? PREVIEW_ROWS : Number.POSITIVE_INFINITY;
  return { size: Math.min(pageSize ?? most, most), ...(pageOffset !== undefined && { offset: pageOffset }) };
}

/** How long the read URLs of an export live. @throws InvalidInputError `ACCESS_CONTROL_UNKNOWN`; or for a life too long */
export function readUrlLifeSeconds(
  dataset: Dataset,
  { expiresIn, accessControl }: Pick<TagExportQuery, 'expiresIn' | 'accessControl'>,
): number {
  if (accessControl !== undefined && !ACCESS_CONTROLS.includes(accessControl)) {
    throw new InvalidInputError(`accessControl: expected one of ${ACCESS_CONTROLS.join(', ')}, or nothing.`, {
      apiCode: 'ACCESS_CONTROL_UNKNOWN',
    });
  }
  if (expiresIn !== undefined && (expiresIn < 1 || expiresIn > LONGEST_REDIRECT_LIFE_SECONDS)) {
    throw new InvalidInputError(
      `expiresIn: expected 1 to ${LONGEST_REDIRECT_LIFE_SECONDS} seconds but received ${expiresIn}.`,
    );
  }
  return expiresIn ?? usualLifeSeconds(dataset);
}

/** A dataset's setting is about the URLs of its exports; where those are signed ones, it says nothing of redirects. */
function usualLifeSeconds({ settings: { exports } }: Dataset): number {
  return exports.readUrls === 'redirect' ? exports.readUrlExpirySeconds : USUAL_REDIRECT_LIFE_SECONDS;
}
